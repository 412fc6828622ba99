import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { type LoadedRun, loadRun } from '../../src/archive/load.ts';
import { PACKAGE, type Printed, type TestProject } from '../project.ts';

const TSX = join(PACKAGE, 'node_modules/tsx/dist/cli.mjs');

/** How Node is told to start a script; a TypeScript file needs tsx. */
function wordsOf(file: string, words: readonly string[]): string[] {
  return [...(file.endsWith('.ts') ? [TSX] : []), file, ...words];
}

function environment(env: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _, VITEST: _2, NODE_ENV: _3, FORCE_COLOR: _4, ...rest } = process.env;
  return { ...rest, NO_COLOR: '1', ...env };
}

/** Runs a script of a project to its end. */
export function script(
  project: TestProject,
  file: string,
  words: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Printed {
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, wordsOf(file, words), {
    cwd: project.root,
    env: environment(env),
    encoding: 'utf8',
    timeout: 60_000,
    killSignal: 'SIGKILL',
  });
  return { status, signal, stdout, stderr };
}

/** The one run of a namespace. */
export function onlyRun(project: TestProject, namespace: string): LoadedRun {
  const [path, ...more] = project.runs(namespace);
  if (path === undefined || more.length > 0) throw new Error(`Expected one run in ${namespace}, got ${more.length}.`);
  return loadRun(path);
}

/** A script that goes on beside the test. */
export interface Going {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  readonly output: () => string;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
}

/** Starts a script, and resolves when it has printed a text. */
export async function going(
  project: TestProject,
  file: string,
  words: readonly string[] = [],
  text = 'ready',
): Promise<Going> {
  const child = spawn(process.execPath, wordsOf(file, words), {
    cwd: project.root,
    env: environment({}),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  const ended = new Promise<Awaited<Going['ended']>>((resolve) => {
    child.on('exit', (code, signal) => resolve({ code, signal }));
  });
  await new Promise<void>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (piece: string) => {
        printed += piece;
        if (printed.includes(text)) resolve();
      });
    }
    void ended.then(() => reject(new Error(`The script ended without saying "${text}":\n${printed}`)));
  });
  return { child, output: () => printed, ended };
}
