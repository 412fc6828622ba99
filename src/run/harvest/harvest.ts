import { basename } from 'node:path';
import type { HarvestedValue, HarvestSource } from '../../archive/layout.ts';
import { canonical, encode } from '../../codec/json.ts';
import { isComexError } from '../../errors.ts';
import { Aggregate } from './aggregate.ts';
import { Content } from './content.ts';
import { type FoundFile, findFiles } from './files.ts';
import { HarvestProblem } from './problem.ts';
import { readCsv } from './read-csv.ts';
import { readJson } from './read-json.ts';
import { readText } from './read-text.ts';
import type { CheckedRule } from './rules.ts';
import { filledIn, type HarvestSubject } from './subject.ts';

/** A value that a rule gave. */
export interface HarvestedDatum {
  readonly rule: CheckedRule;
  readonly value: unknown;
  readonly source: HarvestSource;
}

/** Why a rule gave none. */
export interface HarvestFailure {
  /** Path of the datum. */
  readonly path: string;
  readonly rule: CheckedRule;
  /** With the place in the file. */
  readonly message: string;
  readonly missing: HarvestProblem['missing'];
}

/** What rules gave of a run. */
export interface Harvest {
  readonly data: readonly HarvestedDatum[];
  readonly failures: readonly HarvestFailure[];
  /** What is worth a word, such as lines of which only the beginning was looked at. */
  readonly remarks: readonly string[];
}

/** Larger values are data of their own, and belong in a file. */
const LARGEST_VALUE = 1024 * 1024;
const MOST_NAMED = 5;

/** The rules that are meant for a run: those for its namespace, the strongest of each path. */
export function rulesFor(namespace: string, rules: readonly CheckedRule[]): CheckedRule[] {
  const byPath = new Map<string, CheckedRule>();
  for (const rule of rules) if (isFor(namespace, rule)) byPath.set(rule.path, rule);
  return [...byPath.values()];
}

function isFor(namespace: string, rule: CheckedRule): boolean {
  const wanted = rule.namespace?.replace(/\/+$/, '');
  return wanted === undefined || namespace === wanted || namespace.startsWith(`${wanted}/`);
}

/** Carries out rules. What one of them cannot give is named, and the others give what they can. Nothing is written. */
export async function harvest(rules: readonly CheckedRule[], subject: HarvestSubject): Promise<Harvest> {
  const data: HarvestedDatum[] = [];
  const failures: HarvestFailure[] = [];
  const remarks: string[] = [];
  for (const rule of rules) {
    const remark = (text: string): void => void remarks.push(`${rule.path}: ${text}`);
    try {
      const { value, source } = await carryOut(rule, subject, remark);
      data.push({ rule, value, source });
      const fewer = fewerFiles(rule, source, subject);
      if (fewer !== undefined) remark(fewer);
    } catch (error) {
      const missing = error instanceof HarvestProblem ? error.missing : undefined;
      const message = reasonOf(error) + staying(rule, subject, reasonOf(error).includes('\n') ? '\n' : ' ');
      if (missing === undefined || !rule.optional) failures.push({ path: rule.path, rule, message, missing });
      else if (knownFor(rule, subject) !== undefined) remark(message);
    }
  }
  return { data, failures, remarks };
}

function knownFor({ path }: CheckedRule, { run: { harvested = {} } }: HarvestSubject): HarvestedValue | undefined {
  return Object.hasOwn(harvested, path) ? harvested[path] : undefined;
}

/** Says that an older value is seen where there is no new one; empty when there is none. */
function staying(rule: CheckedRule, subject: HarvestSubject, before: string): string {
  const known = knownFor(rule, subject);
  if (known === undefined) return '';
  const { run } = subject;
  // Anybody may have written the note.
  const day = typeof known.at === 'string' ? known.at.slice(0, 10) : 'an unknown day';
  return `${before}The value of ${day} stays; "comex harvest ${run.id} --remove ${rule.path}" takes it away.`;
}

/** Files that are gone change a value without a word of what is read. */
function fewerFiles(rule: CheckedRule, source: HarvestSource, subject: HarvestSubject): string | undefined {
  const known = Object(knownFor(rule, subject)?.source) as Partial<HarvestSource>;
  if (!Array.isArray(known.files) || canonical(known.rule ?? null) !== canonical(source.rule)) return undefined;
  const [now, before] = [source.files.length, known.files.length];
  return now < before ? `${now} ${now === 1 ? 'file' : 'files'}, ${before} before.` : undefined;
}

/** One rule loses no other, whatever is thrown: also what nobody expects. */
export function reasonOf(error: unknown): string {
  return isComexError(error) ? error.message : `Unexpected error, please report it: ${error}`;
}

type Remark = (text: string) => void;

async function carryOut(
  rule: CheckedRule,
  subject: HarvestSubject,
  remark: Remark,
): Promise<Omit<HarvestedDatum, 'rule'>> {
  const files = await findFiles(rule, subject);
  if (rule.kind === 'file') return await register(rule, files);
  const where = rule.where.map(
    ([column, value]) => [column, typeof value === 'string' ? filledIn(value, subject) : value] as const,
  );
  const filled = { ...rule, where };
  const into = new Aggregate(rule.take);
  const read: HarvestSource['files'][number][] = [];
  const problems: string[] = [];
  for (const file of files) {
    try {
      const { bytes, sha256 } = await readInto(file, filled, into, remark);
      read.push({ path: file.path, bytes, sha256 });
    } catch (error) {
      if (!isComexError(error)) throw error;
      problems.push(placed(file, error));
    }
  }
  if (problems.length > 0) {
    const more = problems.length > MOST_NAMED ? [`and ${problems.length - MOST_NAMED} more files`] : [];
    throw new HarvestProblem([...problems.slice(0, MOST_NAMED), ...more].join('\n'));
  }
  const value = result(into, files, rule);
  const filtered = into.noRowPassed();
  if (filtered !== undefined) remark(`${filtered}.`);
  refuseLarge(value);
  const empty = into.empty === 0 ? {} : { empty: into.empty };
  return { value, source: { rule: rule.written, files: read, count: into.count, ...empty } };
}

async function readInto(file: FoundFile, rule: CheckedRule, into: Aggregate, remark: Remark) {
  const content = new Content(file.absolute);
  const texts = content.texts(rule.encoding, rule.kind === 'text');
  if (rule.kind === 'csv') await readCsv(texts, rule, into);
  else if (rule.kind === 'json') await readJson(texts, basename(file.path), rule, into);
  else {
    let cut = 0;
    let first = 0;
    await readText(texts, rule, into, (line) => {
      if (cut === 0) first = line;
      cut += 1;
    });
    if (cut > 0) {
      const which = cut === 1 ? `line ${first} is` : `${cut} lines, from line ${first} on, are`;
      remark(`${file.path}: ${which} longer than 1 MiB; only the beginning was looked at.`);
    }
  }
  return { bytes: content.bytes, sha256: content.sha256() };
}

/** The one file as it is, without a copy. */
async function register(rule: CheckedRule, files: readonly FoundFile[]): Promise<Omit<HarvestedDatum, 'rule'>> {
  const [file] = files;
  if (file === undefined || files.length > 1) {
    const names = files
      .slice(0, MOST_NAMED)
      .map(({ path }) => path)
      .join(', ');
    throw new HarvestProblem(
      `Expected one file, got ${files.length}: ${names}${files.length > MOST_NAMED ? ', ...' : ''}.`,
    );
  }
  const content = new Content(file.absolute);
  try {
    for await (const _ of content.chunks());
  } catch (error) {
    if (isComexError(error)) throw new HarvestProblem(placed(file, error));
    throw error;
  }
  const record = { path: file.path, bytes: content.bytes, sha256: content.sha256() };
  return { value: record, source: { rule: rule.written, files: [record], count: 1 } };
}

function result(into: Aggregate, files: readonly FoundFile[], rule: CheckedRule): unknown {
  try {
    return into.end();
  } catch (error) {
    if (!(error instanceof HarvestProblem)) throw error;
    const { missing } = error;
    const names = files
      .slice(0, 2)
      .map(({ path }) => path)
      .join(', ');
    const more = files.length > 2 ? ` and ${files.length - 2} more` : '';
    // Not the regular expression: the sentence goes into the log, and would match it.
    const what = rule.kind === 'text' ? ' for "match"' : rule.kind === 'json' ? ` for ${rule.jsonPath}` : '';
    throw new HarvestProblem(
      `${names}${more}: ${error.message.replace(/^Expected (?:a value|one value)/, `$&${what}`)}`,
      missing === undefined ? {} : { missing },
    );
  }
}

function placed(file: FoundFile, error: Error): string {
  if (!(error instanceof HarvestProblem)) return error.message;
  return `${file.path}${error.line === undefined ? '' : `:${error.line}`}: ${error.message}`;
}

function refuseLarge(value: unknown): void {
  const { length } = encode(value);
  if (length <= LARGEST_VALUE) return;
  throw new HarvestProblem(
    `Expected a value of at most ${LARGEST_VALUE} bytes, got ${length}. Take less of it, or register the file with "file".`,
  );
}
