import { realpathSync, statSync } from 'node:fs';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { logFile, OWN_FOLDERS, OWN_PREFIX } from '../../archive/layout.ts';
import { segmentsOf } from '../../archive/segments.ts';
import { HarvestProblem } from './problem.ts';
import type { CheckedRule } from './rules.ts';
import { filledIn, type HarvestSubject } from './subject.ts';

/** A file that a rule reads. */
export interface FoundFile {
  /** Relative to the run folder or to the project when it is in there, with forward slashes, else absolute. */
  readonly path: string;
  readonly absolute: string;
}

/** What of a rule says which files it reads. */
type FileChoice = Pick<CheckedRule, 'patterns' | 'in' | 'kind'> & Partial<Pick<CheckedRule, 'origin'>>;

/** More are a pattern that nobody meant. */
const MOST_FILES = 100_000;
/** What a file may be called that a pattern has letters for. */
const MAGIC = /[*?[\]{}()!+@|\\^$]/g;

/**
 * The files of a rule, sorted by path, each once: a link to a file that is there itself is left out.
 *
 * @throws HarvestProblem when there is none, for a pattern that leaves the run folder, and for a link that does
 */
export async function findFiles(rule: FileChoice, subject: HarvestSubject): Promise<readonly FoundFile[]> {
  const { path: folder } = subject.run;
  const base = rule.in === 'run' ? folder : subject.root;
  if (rule.patterns.length === 0) {
    const logs = segmentsOf(folder, logFile);
    for (const { path } of logs) refuseElsewhere(realpathSync(path), rule, [realpathSync(folder)]);
    return logs.map(({ path }) => ({ path: relative(folder, path), absolute: path }));
  }
  const found = new Set<string>();
  for (const pattern of rule.patterns) {
    const filled = filledIn(pattern, subject, escaped);
    for (const path of await matches(filled, rule, subject)) found.add(path);
  }
  const files = unlinked([...found].sort(), rule, subject);
  if (files.length > MOST_FILES) throw new HarvestProblem(`Expected at most ${MOST_FILES} files, got ${files.length}.`);
  if (files.length > 0) return files.map((absolute) => ({ path: shownPath(absolute, base), absolute }));
  const where = rule.in === 'run' ? `in the run folder ${folder}` : `in the project ${subject.root}`;
  const names = rule.patterns.map((each) => JSON.stringify(filledIn(each, subject))).join(' or ');
  throw new HarvestProblem(`Expected a file ${names} ${where}, but there is none.`, { missing: 'files' });
}

async function matches(pattern: string, rule: FileChoice, subject: HarvestSubject): Promise<readonly string[]> {
  const base = rule.in === 'run' ? subject.run.path : subject.root;
  const segments = pattern.split('/');
  const magic = segments.findIndex(isMagic);
  const plain = segments.slice(0, magic < 0 ? segments.length : magic).map(unescaped);
  // An absolute path begins with an empty segment.
  const start = resolve(base, plain.length === 1 && plain[0] === '' ? '/' : plain.join('/'));
  const rest = magic < 0 ? [] : segments.slice(magic);
  const leaves = rule.in === 'run' && (isAbsolute(pattern) || !isBelow(start, base));
  if (leaves || rest.includes('..')) {
    const advice = rule.in === 'run' ? ' Say "in": "project" for files elsewhere.' : '';
    const expected = rule.in === 'run' ? 'a pattern inside of the run folder' : 'a pattern without ".." behind a "*"';
    throw new HarvestProblem(`Expected ${expected}, got ${JSON.stringify(unescaped(pattern))}.${advice}`);
  }
  refuseElsewhere(start, rule, [subject.root, subject.run.path]);
  if (rest.length === 0) return statSync(start, { throwIfNoEntry: false }) === undefined ? [] : [start];
  const { glob } = await import('tinyglobby');
  const found = await glob(rest.join('/'), {
    cwd: start,
    expandDirectories: false,
    // What comex keeps itself is found only by a pattern that names it.
    ignore: start === base && rule.in === 'run' ? ownFiles(rest[0]!) : [],
  });
  return found.map((path) => join(start, path));
}

function ownFiles(first: string): string[] {
  const files = first.startsWith(OWN_PREFIX) ? [] : [`${OWN_PREFIX}*`];
  return [...OWN_FOLDERS.map((folder) => `${folder}/**`), ...files];
}

/** Without links to files that are there themselves, or that are meant twice. */
function unlinked(paths: readonly string[], rule: FileChoice, { run, root }: HarvestSubject): readonly string[] {
  const { in: place, kind } = rule;
  const byTarget = new Map<string, string>();
  const folder = realpathSync(run.path);
  const project = realpathSync(root);
  for (const path of paths) {
    let target: string;
    try {
      target = realpathSync(path);
    } catch {
      throw new HarvestProblem(`Expected ${path} to be a file, but it is a link that leads nowhere.`);
    }
    // A file that is only registered may be anywhere: that is what registering is for.
    if (place === 'run' && kind !== 'file' && !isBelow(target, folder)) {
      const advice = `Say "in": "project" and ${JSON.stringify(target)} to read it.`;
      throw new HarvestProblem(
        `Expected files inside of the run folder, but ${path} is a link that leaves it. ${advice}`,
      );
    }
    refuseElsewhere(target, rule, [project, folder]);
    if (!byTarget.has(target) || target === path) byTarget.set(target, path);
  }
  return [...byTarget.values()].sort();
}

/** What stands in the metadata of a run is obeyed as far as the run and the project go. @throws HarvestProblem beyond */
function refuseElsewhere(path: string, { origin }: FileChoice, folders: readonly string[]): void {
  if (origin !== 'metadata' || folders.some((folder) => isBelow(path, folder))) return;
  throw new HarvestProblem(
    `Expected a rule in the metadata of a run to name files of the run and the project, but ${path} is elsewhere. Say the rule in comex.config.json, or as options of comex harvest.`,
  );
}

/** Makes a text mean itself in a pattern. */
function escaped(text: string): string {
  return text.replace(MAGIC, '\\$&');
}

function unescaped(text: string): string {
  return text.replace(/\\(.)/g, '$1');
}

function isMagic(segment: string): boolean {
  return /[*?[\]{}()]|^!/.test(segment.replace(/\\./g, ''));
}

function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder + sep);
}

function shownPath(absolute: string, base: string): string {
  return isBelow(absolute, base) ? relative(base, absolute).split(sep).join('/') : absolute;
}
