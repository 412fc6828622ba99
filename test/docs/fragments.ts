import { loadRun } from '../../src/archive/load.ts';
import type { Block } from './markdown.ts';
import type { Session } from './session.ts';

/** Whether a block is no file of its own but what would stand inside of an experiment. */
export function isFragment({ language, path }: Block): boolean {
  return language === 'ts' && path === undefined;
}

/** Where the module of a fragment is written. */
export function fragmentPath(document: string, { line }: Block): string {
  return `fragments/${document.replace(/\W/g, '-').toLowerCase()}-${line}.ts`;
}

/** The experiment that a fragment is the body of. Its declarations of parameters and functions come before it. */
export function fragmentModule({ text }: Block): string {
  const outside = (line: string): boolean => /^(?:import|export) /.test(line);
  const lines = text.split('\n');
  const type = text.includes('import type { Experiment }') ? [] : ["import type { Experiment } from 'comex';"];
  if (/^export default /m.test(text)) return [...type, ...lines].join('\n');
  return [
    ...type,
    ...lines.filter(outside),
    'export default async function experiment(e: Experiment) {',
    ...lines.filter((line) => !outside(line)),
    '}',
  ].join('\n');
}

/** What a fragment says that it prints: the remarks behind its calls of `e.log` and `console.log`. */
export function promisedLines({ text }: Block): string[] {
  return [...text.matchAll(/^\s*(?:e|console)\.log\(.*\);\s*\/\/ (.*)$/gm)].map(([, promised]) => promised!);
}

/** Runs a fragment, and returns the lines of its log without their times, or why there are none. */
export function runFragment(session: Session, path: string): readonly string[] {
  const { printed, run } = session.project.run(path);
  if (run.status !== 'done') return [`${run.status}: ${printed.stderr}`];
  return loadRun(run.path)
    .log()
    .split('\n')
    .map((line) => line.slice('2026-01-31 12:00:00.000 '.length));
}
