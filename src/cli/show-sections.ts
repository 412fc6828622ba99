import { readTree } from '../archive/children.ts';
import { CODE_FOLDER, type ErrorRecord, type ParameterRecord, type SightingRecord } from '../archive/layout.ts';
import type { LoadedRun } from '../archive/load.ts';
import { scanTable } from '../archive/tables.ts';
import { REDACTED } from '../run/redact.ts';
import { sightingText } from '../run/sighting-text.ts';
import { sourceText } from './harvest-text.ts';
import { parameterGrid } from './parameter-grid.ts';
import { agoText, bytesText, countText, durationText, groupedText, momentText } from './quantity.ts';
import { recordedParameters } from './recorded-parameters.ts';
import { commandText, errorText, gitText, pathText, seedText } from './run-facts.ts';
import { seriesSummaries } from './run-record.ts';
import { dataTable, limitedTable, seriesTable } from './run-tables.ts';
import { harmless, paint, type Screen, statusStyle } from './screen.ts';
import { fact, pathFact, section, sectionScreen, wholeFact, wrappedFact } from './sections.ts';
import { sparkline } from './sparkline.ts';
import type { TableColumn } from './table.ts';
import { childLines } from './tree.ts';
import { fieldText, shortText, valueText } from './value-text.ts';
import { cut, wrap } from './width.ts';

const MAX_ROWS = 30;
const MAX_STACK = 15;
const MAX_CAUSES = 6;
const SPARKLINE = 16;
const NAME_AND_SIZE: readonly TableColumn[] = [
  { head: '', shrink: true },
  { head: '', align: 'right' },
];

/** The parts of what `comex show` prints, each of which may fail to be read on its own. */
export function showSections(run: LoadedRun, screen: Screen, cwd: string, now: number): ReadonlyArray<() => string> {
  return [
    () => header(run, screen, cwd, now),
    () => remarks(run, screen),
    () => code(run, screen),
    () => inputs(run, screen),
    () => seen(run, screen),
    () => parameterGrid('params', recordedParameters(run.meta.parameters), screen, { all: true }),
    () => edits(run, screen),
    () => (run.result === undefined ? '' : wrappedFact('result', valueText(run.result), screen)),
    () => dataTable(run.data, MAX_ROWS, screen),
    () => harvested(run, screen),
    () => references(run, screen),
    () => series(run, screen),
    () => tables(run, screen),
    () => artifacts(run, screen),
    () => children(run, screen),
    () => (run.error === undefined ? '' : errors(run.error, screen)),
  ];
}

function header(run: LoadedRun, screen: Screen, cwd: string, now: number): string {
  const { bold, cyan, dim } = paint(screen);
  const { meta, durationMs } = run;
  const status = harmless(run.status);
  const taken = run.id.length + status.length + 4;
  const title = cut(harmless(run.namespace), Math.max(8, screen.columns - taken), screen);
  const room = screen.columns - taken - title.length - 2;
  const evidence = run.evidence === 'the run wrote it' ? '' : cut(harmless(`(${run.evidence})`), room, screen);
  const description = wrap(
    harmless((run.description ?? '').slice(0, 5000).replace(/\s+/g, ' ')),
    Math.min(100, screen.columns - 2),
  );
  const modes = [...(meta.testing ? ['testing'] : []), ...(meta.debug ? ['debug'] : [])].join(', ');
  const facts: ReadonlyArray<readonly [label: string, text: string | undefined]> = [
    ['started', startedText(run, now)],
    ['took', durationMs === undefined ? undefined : durationText(durationMs)],
    ['module', meta.module],
    ['command', commandText(meta.argv)],
    ['mode', modes],
    ['title', meta.title],
    ['tags', run.tags.join(', ')],
    ['note', meta.note],
    ['parent', meta.parent?.id],
    ['adopted', meta.adopted === undefined ? undefined : pathText(fieldText(meta.adopted.from), cwd)],
    ['repeats', fieldText(meta.reproduces?.id)],
    ['seed', seedText(meta.seed)],
    ['git', meta.git === undefined ? undefined : gitText(meta.git)],
  ];
  return [
    `${bold(title)}  ${cyan(harmless(run.id))}  ${statusStyle(run.status, paint(screen))(status)}`,
    evidence === '' || room < 12 ? '\n' : `  ${dim(evidence)}\n`,
    ...description.map((line) => `  ${line}\n`),
    evidence !== '' && room < 12 ? fact('evidence', run.evidence, screen) : '',
    pathFact('folder', pathText(run.path, cwd), screen),
    ...facts.map(([label, text]) => {
      if (text === undefined || text === '') return '';
      return label === 'note' ? wholeFact(label, text, screen) : fact(label, text, screen);
    }),
  ].join('');
}

function startedText(run: LoadedRun, now: number): string {
  const ago = agoText(run.startedAt, now);
  const moment = momentText(run.startedAt);
  return ago.endsWith('ago') || ago === 'now' ? `${moment} (${ago})` : moment;
}

function remarks({ meta: { adopted } }: LoadedRun, screen: Screen): string {
  const all: readonly unknown[] = Array.isArray(adopted?.remarks) ? adopted.remarks : [];
  const more = all.length > MAX_ROWS ? [`and ${groupedText(all.length - MAX_ROWS)} more`] : [];
  const { columns } = sectionScreen(screen);
  const lines = all.slice(0, MAX_ROWS).flatMap((each) => wrap(harmless(fieldText(each)), columns));
  return section('remarks', [...lines, ...more], screen);
}

function code({ meta: { snapshot } }: LoadedRun, screen: Screen): string {
  const files = Array.isArray(snapshot?.files) ? snapshot.files.length : 0;
  const skipped: readonly unknown[] = Array.isArray(snapshot?.skipped) ? snapshot.skipped : [];
  const kept = files === 0 ? [] : [`${countText(files, 'file')} in ${fieldText(snapshot.folder) || CODE_FOLDER}/`];
  const left = skipped.slice(0, MAX_ROWS).map((each) => {
    const { path, reason } = (each ?? {}) as Readonly<Record<string, unknown>>;
    return `without ${fieldText(path)}: ${fieldText(reason)}`;
  });
  const more = skipped.length > left.length ? [`and ${groupedText(skipped.length - left.length)} more`] : [];
  const { columns } = sectionScreen(screen);
  const lines = [...kept, ...left, ...more].map((line) => cut(harmless(line), columns, screen));
  return section('code', lines, screen);
}

function inputs({ meta }: LoadedRun, screen: Screen): string {
  const rows = meta.inputs
    .slice(0, MAX_ROWS)
    .map(({ path, bytes, sha256, copy }) => [
      fieldText(path),
      bytesText(bytes),
      `sha256 ${fieldText(sha256).slice(0, 8)}`,
      copy === undefined ? 'no copy' : '',
    ]);
  const columns = [...NAME_AND_SIZE, { head: '' }, { head: '' }];
  return limitedTable('inputs', columns, rows, meta.inputs.length - rows.length, screen);
}

/** What was taken later from files of other programs, with its source. */
function harvested(run: LoadedRun, screen: Screen): string {
  const all = Object.entries(run.harvested);
  const rows = all.slice(0, MAX_ROWS).map(([path, { value, source }]) => [path, shortText(value), sourceText(source)]);
  const columns = [
    { head: '', shrink: true, min: 12 },
    { head: '', shrink: true, min: 8 },
    { head: '', shrink: true, min: 12 },
  ];
  return limitedTable('harvested', columns, rows, all.length - rows.length, screen);
}

/** Files outside of the folder that belong to the run. */
function references(run: LoadedRun, screen: Screen): string {
  const rows = run.references
    .slice(0, MAX_ROWS)
    .map(({ name, path, bytes, sha256 }) => [
      fieldText(name),
      fieldText(path),
      bytesText(Number(bytes)),
      `sha256 ${fieldText(sha256).slice(0, 8)}`,
    ]);
  const columns = [
    { head: '', shrink: true },
    { head: '', shrink: true },
    { head: '', align: 'right' as const },
    { head: '' },
  ];
  return limitedTable('elsewhere', columns, rows, run.references.length - rows.length, screen);
}

/** What a run with `__REPRODUCIBLE__` was seen to use that another run may find otherwise. */
function seen({ meta: { reproducible } }: LoadedRun, screen: Screen): string {
  if (reproducible === undefined) return '';
  const records: readonly unknown[] = Array.isArray(reproducible.saw) ? reproducible.saw : [];
  const { columns } = sectionScreen(screen);
  const lines = records.slice(0, MAX_ROWS).map((each) => sightingText((each ?? {}) as SightingRecord));
  const none = lines.length === 0 ? ['nothing that another run may find otherwise'] : [];
  const more = records.length > lines.length ? [`and ${groupedText(records.length - lines.length)} more`] : [];
  return section(
    'seen',
    [...none, ...lines, ...more].map((line) => cut(harmless(line), columns, screen)),
    screen,
  );
}

/** What was changed in the parameters later: the run itself had the value before it. */
function edits({ meta, original }: LoadedRun, screen: Screen): string {
  const text = (record: ParameterRecord | undefined): string =>
    record === undefined ? 'none' : record.redacted === true ? REDACTED : valueText(record.value);
  const names = [...new Set([...Object.keys(original.parameters), ...Object.keys(meta.parameters)])];
  const changed = names.filter((name) => meta.parameters[name] !== original.parameters[name]);
  const { columns } = sectionScreen(screen);
  const lines = changed.map((name) => {
    const line = `${name}: ${text(original.parameters[name])} -> ${text(meta.parameters[name])}`;
    return cut(harmless(line), columns, screen);
  });
  return section('edited', lines, screen);
}

function series(run: LoadedRun, screen: Screen): string {
  const summaries = seriesSummaries(run);
  return seriesTable(summaries, MAX_ROWS, screen, (name) => {
    const values = summaries[name]?.kind === 'number' ? run.series(name)?.values : undefined;
    return values === undefined ? '' : sparkline(values, SPARKLINE, screen.unicode);
  });
}

function tables(run: LoadedRun, screen: Screen): string {
  const names = run.tableNames;
  const rows = names.slice(0, MAX_ROWS).map((name) => {
    let count = 0;
    scanTable(run.path, name, () => {
      count += 1;
    });
    return [name, countText(count, 'row')];
  });
  return limitedTable('tables', NAME_AND_SIZE, rows, names.length - rows.length, screen);
}

function artifacts(run: LoadedRun, screen: Screen): string {
  const all = run.artifacts;
  const rows = all.slice(0, MAX_ROWS).map(({ path, bytes }) => [path, bytesText(bytes)]);
  return limitedTable('artifacts', NAME_AND_SIZE, rows, all.length - rows.length, screen);
}

function children(run: LoadedRun, screen: Screen): string {
  const tree = readTree(run.path);
  return section('runs', childLines(tree, '', sectionScreen(screen)), screen);
}

function errors(error: ErrorRecord, screen: Screen): string {
  const { red, dim } = paint(screen);
  const { columns } = sectionScreen(screen);
  const lines: string[] = [];
  let current: ErrorRecord | undefined = error;
  for (let depth = 0; typeof current === 'object' && current !== null && depth < MAX_CAUSES; depth++) {
    const title = `${depth === 0 ? '' : 'caused by '}${errorText(current)}`;
    lines.push(...wrap(harmless(title.slice(0, 2000)), columns).map((line) => red(line)));
    const frames = fieldText(current.stack)
      .split('\n')
      .filter((line) => /^\s+at /.test(line));
    lines.push(...frames.slice(0, MAX_STACK).map((line) => dim(cut(harmless(line.trim()), columns, screen))));
    current = current.cause;
  }
  return section('error', lines, screen);
}
