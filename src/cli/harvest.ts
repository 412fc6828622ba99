import { statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { META_FILE } from '../archive/layout.ts';
import { encode } from '../codec/json.ts';
import { ComexError, isComexError } from '../errors.ts';
import { findProject } from '../experiment/project.ts';
import { Harvester, type RunHarvest, refuseNoRules, removeHarvested } from '../manage/harvest.ts';
import type { RulePlace } from '../run/harvest/rule-fields.ts';
import { sourceText } from './harvest-text.ts';
import { type ManageOptions, ManageScope } from './manage-scope.ts';
import { countText } from './quantity.ts';
import type { SelectionOptions } from './selection.ts';
import { shortText } from './value-text.ts';

/** A rule as the options say it. */
interface RuleOptions {
  readonly as?: string | undefined;
  readonly csv?: readonly string[] | undefined;
  readonly jsonFile?: readonly string[] | undefined;
  readonly text?: readonly string[] | undefined;
  readonly file?: readonly string[] | undefined;
  readonly match?: string | undefined;
  readonly column?: string | undefined;
  readonly path?: string | undefined;
  readonly take?: string | undefined;
  readonly type?: string | undefined;
  readonly where?: readonly string[] | undefined;
  readonly header?: boolean | undefined;
  readonly delimiter?: string | undefined;
  readonly decimal?: string | undefined;
  readonly encoding?: string | undefined;
  readonly in?: string | undefined;
  readonly optional?: boolean | undefined;
  readonly replace?: boolean | undefined;
}

type HarvestOptions = ManageOptions & SelectionOptions & RuleOptions & { readonly dryRun: boolean };

/** `comex harvest RUN...`. Returns the exit status. */
export async function harvestCommand(
  words: readonly string[],
  given: HarvestOptions & { readonly remove?: readonly string[] | undefined },
): Promise<number> {
  const own = ruleOf(given);
  const { remove } = given;
  if (remove !== undefined && own !== undefined) {
    throw new ComexError('E_USAGE', 'Expected --remove PATH or a rule for --as, got both. Remove first, then harvest.');
  }
  const scope = new ManageScope(given);
  if (remove !== undefined) return await removeCommand(words, { ...given, remove }, scope);
  const { cwd, json } = scope;
  if (own !== undefined) refuseFiles(words, cwd);
  const project = findProject(cwd, cwd);
  const harvester = await Harvester.of(
    project,
    own === undefined ? undefined : { rules: own, place: PLACE },
    given.dryRun,
  );
  const runs = await scope.chosen(words, given);
  const done: RunHarvest[] = [];
  /** The runs of each: many runs give the same. */
  const remarks = new Map<string, string[]>();
  for (const { path } of runs) {
    try {
      const harvest = await harvester.run(path);
      done.push(harvest);
      for (const remark of harvest.remarks) remarks.set(remark, [...(remarks.get(remark) ?? []), harvest.run.id]);
      tell(harvest, scope, given.dryRun);
    } catch (error) {
      if (!isComexError(error)) throw error;
      scope.failed(`${error.message} (${error.code})`);
    }
  }
  for (const [remark, ids] of remarks) {
    scope.warn(`${ids[0]}${ids.length > 1 ? ` and ${countText(ids.length - 1, 'more run')}` : ''}: ${remark}`);
  }
  if (scope.failures === 0) refuseNoRules(done);
  for (const { run } of done.filter(({ hasRules }) => !hasRules)) {
    scope.warn(`${run.id}: No rule is meant for ${run.namespace}.`);
  }
  if (json) scope.print(done.map(recordOf));
  else if (runs.length === 0) scope.say('No runs match; nothing was harvested.');
  return scope.status;
}

/** `comex harvest RUN... --remove PATH`. Returns the exit status. */
async function removeCommand(
  words: readonly string[],
  given: HarvestOptions & { readonly remove: readonly string[] },
  scope: ManageScope,
): Promise<number> {
  const runs = await scope.chosen(words, given);
  const done = scope.each(runs, ({ path }) => removeHarvested(path, given.remove, given.dryRun));
  for (const { run, removed, problems } of done) {
    const paths = Object.keys(removed);
    if (!scope.json && paths.length > 0) {
      scope.say(`${run.id}  ${run.namespace}  ${paths.length} ${given.dryRun ? 'would be removed' : 'removed'}`);
      const width = Math.max(...paths.map((path) => path.length));
      for (const path of paths) scope.say(`  ${path.padEnd(width)}  ${shortText(removed[path])}`);
    }
    for (const { message } of problems) scope.failed(`${run.id}: ${message}`);
  }
  if (scope.json) {
    scope.print(
      done.map(({ run: { id, namespace, path }, removed, problems }) => ({ id, namespace, path, removed, problems })),
    );
  } else if (runs.length === 0) scope.say('No runs match; nothing was removed.');
  return scope.status;
}

/** Without quotes, the shell fills in the files of a pattern, and all but the first look like runs. @throws ComexError `E_USAGE` */
function refuseFiles(words: readonly string[], cwd: string): void {
  const file = words.find(
    (word) =>
      basename(word) !== META_FILE && statSync(resolve(cwd, word), { throwIfNoEntry: false })?.isFile() === true,
  );
  if (file === undefined) return;
  const advice = "Put patterns in quotes: --csv 'eval/*.csv'; JSON files stand behind --json-file.";
  throw new ComexError('E_USAGE', `Expected runs, got the file ${file}. ${advice}`);
}

/** What became of a run: what there is on stdout, unless JSON is wanted, and what is wrong on stderr. */
function tell({ run, changed, unchanged, problems, hasRules }: RunHarvest, scope: ManageScope, dryRun: boolean): void {
  if (!scope.json && hasRules) {
    const counts = [
      changed.length > 0 ? `${changed.length} ${dryRun ? 'would be harvested' : 'harvested'}` : '',
      unchanged.length > 0 ? `${unchanged.length} unchanged` : '',
      problems.length > 0 ? countText(problems.length, 'problem') : '',
    ].filter((text) => text !== '');
    scope.say(`${run.id}  ${run.namespace}  ${counts.join(', ') || 'nothing to harvest'}`);
    const width = Math.max(0, ...changed.map(({ rule }) => rule.path.length));
    for (const { rule, value, source } of changed) {
      scope.say(`  ${rule.path.padEnd(width)}  ${shortText(value)}  (${sourceText(source)})`);
    }
  }
  for (const { message } of problems) {
    scope.failed(
      message
        .split('\n')
        .map((line) => `${run.id}: ${line}`)
        .join('\n'),
    );
  }
}

function recordOf({ run, changed, unchanged, problems }: RunHarvest) {
  return {
    id: run.id,
    namespace: run.namespace,
    path: run.path,
    harvested: Object.fromEntries(changed.map(({ rule, value }) => [rule.path, value])),
    unchanged: unchanged.map(({ rule }) => rule.path),
    source: Object.fromEntries([...changed, ...unchanged].map(({ rule, source }) => [rule.path, source])),
    problems,
  };
}

/** The option that says a field of a rule. */
const PLACE: RulePlace = {
  origin: 'command line',
  at: (path, field) => {
    if (field === undefined) return `--as ${encode(path)}`;
    if (field.startsWith('where')) return '--where';
    return field === 'json' ? '--json-file' : `--${field}`;
  },
};

const SOURCES = ['csv', 'jsonFile', 'text', 'match', 'file'] as const;

/** The one rule that options say; undefined when they say none. @throws ComexError `E_USAGE` */
function ruleOf(given: RuleOptions): Readonly<Record<string, unknown>> | undefined {
  const { as: path, csv, jsonFile, text, file, match, column, where, header } = given;
  const { take, type, delimiter, decimal, encoding, optional, replace } = given;
  const said = {
    csv,
    json: jsonFile,
    text,
    file,
    match,
    column: header === false && /^\d+$/.test(column ?? '') ? Number(column) : column,
    path: given.path,
    take,
    type,
    where: where === undefined ? undefined : Object.fromEntries(where.map(equality)),
    header,
    delimiter,
    decimal,
    encoding,
    in: given.in,
    optional,
    replace,
  };
  const rule = Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
  if (path === undefined) {
    if (Object.keys(rule).length === 0) return undefined;
    throw new ComexError('E_USAGE', 'Expected the path of the datum with a rule: --as results/score.');
  }
  if (SOURCES.some((name) => given[name] !== undefined)) return { [path]: rule };
  throw new ComexError(
    'E_USAGE',
    "Expected files for --as: --csv 'eval/*.csv', --json-file eval.json, --text '*.log', --match 'loss=(.*)' or --file model.pt.",
  );
}

/** `COLUMN=VALUE` */
function equality(text: string): [column: string, value: string] {
  const at = text.indexOf('=');
  if (at <= 0) throw new ComexError('E_USAGE', `Expected --where COLUMN=VALUE, got "${text}".`);
  return [text.slice(0, at), text.slice(at + 1)];
}
