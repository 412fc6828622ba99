import { join } from 'node:path';
import { ComexError } from '../errors.ts';
import { CONFIG_FILE, findProject } from '../experiment/project.ts';
import { refuseForeign } from '../manage/export/replaced.ts';
import { saveView } from '../manage/export/save-view.ts';
import { checkOptions, type ExportOptions, givenOption, OPTION_KEYS, viewOf } from '../manage/export/views.ts';
import { type ExportedTable, longTable, runTable } from './export-table.ts';
import { type ExportTarget, exportTarget, writeExport } from './export-target.ts';
import { type ManageOptions, ManageScope } from './manage-scope.ts';
import { countText } from './quantity.ts';
import { isQuery, selectRuns } from './selection.ts';

/** As they are given: lists of names in pieces. */
type GivenOptions = { readonly [Key in keyof ExportOptions]: ExportOptions[Key] | readonly string[] };

interface ExportCommand extends ManageOptions, GivenOptions {
  readonly view?: string | undefined;
  readonly saveView?: string | undefined;
  readonly format?: string | undefined;
  readonly force: boolean;
}

/** `comex export FILE [QUERY or RUN...]`. Returns the exit status. */
export async function exportCommand(file: string, words: readonly string[], given: ExportCommand): Promise<number> {
  const scope = new ManageScope(given);
  const target = exportTarget(file, given, scope.cwd);
  if (target.path === undefined && given.json) {
    throw new ComexError(
      'E_USAGE',
      'Expected a file with --json: the table and what is said of it go to the same place.',
    );
  }
  const { root, config } = findProject(scope.cwd, scope.cwd);
  const view = given.view === undefined ? {} : viewOf(config.views, given.view);
  const chosen = words.length === 0 && view.query !== undefined ? [view.query] : words;
  const options = laidOver(view, given);
  checkOptions(options);
  checkTogether(options, given, target);
  const { status, tag, namespace, job, since, children } = options;
  const place = { results: scope.results, cwd: scope.cwd };
  const selected = await selectRuns(chosen, { status, tag, namespace, job, since, children }, place);
  scope.broken(selected.broken);
  const isLong = options.series !== undefined || options.tables !== undefined;
  const table = isLong ? longTable(selected, options) : runTable(selected, options, target.format);
  for (const note of table.notes) scope.warn(note);
  scope.broken(table.broken);
  if (target.path !== undefined && !given.force && table.count > 0) {
    const ids = new Set(selected.all.map(({ id }) => id));
    await refuseForeign(target.path, target.format, { ...table, isRun: (id) => ids.has(id) }, file);
  }
  if (given.saveView !== undefined) {
    keepView(join(root, CONFIG_FILE), given.saveView, { ...options, query: queryOf(chosen, place) });
  }
  const says = !given.json && target.path !== undefined;
  if (given.saveView !== undefined && says) scope.say(`The view "${given.saveView}" is kept in ${CONFIG_FILE}.`);
  if (table.count === 0) return nothing(scope, selected.runs.length, table);
  await writeExport(target, table, options);
  report(scope, target, table);
  return scope.status;
}

/** The options of the command line, where there are any, else those of the view. */
function laidOver(view: ExportOptions, given: GivenOptions): ExportOptions {
  const options: Record<string, unknown> = { ...view };
  for (const key of OPTION_KEYS) {
    const value = givenOption(key, given[key]);
    if (value !== undefined) options[key] = value;
  }
  return options;
}

/**
 * Options that mean nothing together. What a view says of other formats is passed over.
 *
 * @throws ComexError `E_USAGE`
 */
function checkTogether(options: ExportOptions, given: GivenOptions, { format }: ExportTarget): void {
  const isText = format === 'csv' || format === 'tsv';
  const isForPeople = format === 'md' || format === 'tex';
  if (options.series !== undefined && options.tables !== undefined) {
    throw new ComexError('E_USAGE', 'Expected --series or --tables, got both. Export them into two files.');
  }
  const long = options.series !== undefined ? '--series' : options.tables !== undefined ? '--tables' : undefined;
  if (long !== undefined && isForPeople) {
    throw new ComexError('E_USAGE', `Expected ${long} with .csv, .tsv, .json, .jsonl or .parquet, got .${format}.`);
  }
  if (long !== undefined && options.foldBy !== undefined) {
    throw new ComexError('E_USAGE', `Expected --fold-by or ${long}, got both. Folding is for one row per run.`);
  }
  for (const option of ['spread', 'best', 'alpha'] as const) {
    if (given[option] === undefined || options.foldBy !== undefined) continue;
    const example = `Say what repeats have in common, such as --fold-by MODEL.`;
    throw new ComexError('E_USAGE', `Expected --fold-by with --${option}. ${example}`);
  }
  if (given.alpha !== undefined && options.best === undefined) {
    throw new ComexError('E_USAGE', 'Expected --best with --alpha, such as --best max:results/accuracy.');
  }
  for (const option of ['locale', 'bom'] as const) {
    if (given[option] !== undefined && !isText) throw wrongFormat(option, '.csv and .tsv', format);
  }
  if (given.digits !== undefined && !isForPeople) throw wrongFormat('digits', '.md and .tex', format);
}

function wrongFormat(option: string, formats: string, format: string): ComexError {
  return new ComexError(
    'E_USAGE',
    `--${option} is for ${formats}; a .${format} file has its numbers in full. Leave it out.`,
  );
}

/** A view keeps the query, not runs that somebody named once. */
function queryOf(words: readonly string[], place: Parameters<typeof isQuery>[1]): string | undefined {
  const named = words.find((word) => !isQuery(word, place));
  if (named === undefined) return words[0];
  throw new ComexError(
    'E_USAGE',
    `Expected a query with --save-view, got the run "${named}". Choose by --tag or a query.`,
  );
}

function keepView(path: string, name: string, options: ExportOptions): void {
  if (name.trim() === '') throw new ComexError('E_USAGE', 'Expected --save-view to give a name, got an empty one.');
  saveView(path, name, options);
}

function nothing(scope: ManageScope, runs: number, { kind }: ExportedTable): number {
  const what = runs === 0 ? 'No runs match' : kind === 'run' ? 'No run can be read' : `The runs have no such ${kind}s`;
  if (scope.json) scope.print(null);
  else scope.warn(`${what}; nothing was written.`);
  return scope.status;
}

function report(scope: ManageScope, target: ExportTarget, table: ExportedTable): void {
  if (target.path === undefined) return;
  const { count, columns, broken } = table;
  if (scope.json) {
    const heads = columns.map(({ head }) => head);
    scope.print({ file: target.path, format: target.format, rows: count, columns: heads, leftOut: broken });
    return;
  }
  const left = broken.length === 0 ? '' : `; ${countText(broken.length, 'run')} left out`;
  scope.say(`${target.path}: ${countText(count, table.kind)}, ${countText(columns.length, 'column')}${left}`);
}
