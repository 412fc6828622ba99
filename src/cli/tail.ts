import type { RunSummary } from '../archive/summary.ts';
import { encodePretty } from '../codec/json.ts';
import { listedRecord } from './list-record.ts';
import { type LookOptions, type LookScope, lookScope, nameBroken } from './look-scope.ts';
import { agoText, durationText, numberText } from './quantity.ts';
import { errorText } from './run-facts.ts';
import { harmless, harmlessJson, paint, type Screen, statusStyle } from './screen.ts';
import { type SelectionOptions, selectRuns } from './selection.ts';
import { renderTable, renderTsv, type TableColumn } from './table.ts';
import { exactText, fieldText, shortText } from './value-text.ts';
import { cut, displayWidth, wrap } from './width.ts';

const DEFAULT_COUNT = 5;
/** More would not be read. */
const MAX_VALUES = 12;
const MAX_LINES = 4;
const GAP = '  ';

export function tailCommand(words: readonly string[], given: LookOptions & SelectionOptions): Promise<number> {
  const { status, tag, namespace, job, since, sort, limit, children } = given;
  return tail(words, { status, tag, namespace, job, since, sort, limit, children }, lookScope(given));
}

/** `comex tail`: the newest runs, with what they came to. Returns the exit status. */
export async function tail(words: readonly string[], filter: SelectionOptions, scope: LookScope): Promise<number> {
  const { results, cwd, out, err, json, tty, screen } = scope;
  const now = scope.now ?? Date.now();
  const limited = { ...filter, limit: filter.limit ?? DEFAULT_COUNT };
  const { runs, broken, all } = await selectRuns(words, limited, { results, cwd, now });
  nameBroken(broken, scope);
  if (json) {
    out(`${harmlessJson(encodePretty(runs.map(listedRecord), 'the runs'))}\n`);
    return 0;
  }
  if (runs.length === 0) {
    err(all.length === 0 ? 'No runs yet. Start one with "comex run FILE".\n' : 'No match.\n');
    return 0;
  }
  out(tty ? screenText(runs, screen, now) : tsvText(runs));
  return 0;
}

/** A line for each run, with its values behind it where those of all of them fit, else below it. */
function screenText(runs: readonly RunSummary[], screen: Screen, now: number): string {
  const styles = paint(screen);
  const columns: TableColumn[] = [
    { head: 'id', style: styles.cyan },
    { head: 'status', style: (cell, text) => statusStyle(text, styles)(cell) },
    { head: 'experiment', shrink: true, min: 10, style: styles.bold },
    { head: 'started' },
    { head: 'took', align: 'right' },
  ];
  const heads = runs.map(({ id, status, namespace, startedMs, durationMs }) => [
    id,
    status,
    namespace,
    agoText(new Date(startedMs), now),
    durationMs === undefined ? '' : durationText(durationMs),
  ]);
  const values = runs.map((run) => valuesOf(run).map(harmless));
  const plain: Screen = { ...screen, color: false, columns: Number.MAX_SAFE_INTEGER };
  const [head = ''] = renderTable(columns, heads, plain).split('\n');
  const room = screen.columns - displayWidth(head) - GAP.length;
  if (values.every((texts) => displayWidth(texts.join(GAP)) <= room)) {
    const rows = heads.map((row, index) => [...row, values[index]!.join(GAP)]);
    return renderTable([...columns, { head: 'last values', shrink: true, min: 10 }], rows, screen);
  }
  const [first, ...lines] = renderTable(columns, heads, screen).trimEnd().split('\n');
  const blocks = lines.map((line, index) => {
    const below = flow(values[index]!, screen.columns - GAP.length, screen);
    return [line, ...below.map((text) => `${GAP}${text}`)].join('\n');
  });
  return `${[first, ...blocks].join('\n')}\n`;
}

/** Texts one behind the other, on as many lines as may be; what is left is cut. */
function flow(texts: readonly string[], width: number, screen: Screen): string[] {
  const lines: string[] = [];
  for (const text of texts) {
    const last = lines.at(-1);
    const joined = last === undefined ? text : `${last}${GAP}${text}`;
    if (last !== undefined && displayWidth(joined) <= width) lines[lines.length - 1] = joined;
    else lines.push(...wrap(text.slice(0, width * (MAX_LINES + 1)), width));
  }
  if (lines.length <= MAX_LINES) return lines;
  return [...lines.slice(0, MAX_LINES - 1), cut(lines.slice(MAX_LINES - 1).join(GAP), width, screen)];
}

/** Why it failed, what it returned, and the last value of each series, in short. */
function valuesOf(run: RunSummary): string[] {
  const texts: string[] = [];
  if (run.error !== undefined) texts.push(errorText(run.error));
  if (run.result !== undefined && run.result !== null) texts.push(`-> ${shortText(run.result)}`);
  for (const name of run.seriesNames.slice(0, MAX_VALUES)) {
    const last = run.seriesSummary(name)?.last;
    if (last === null || last === undefined) continue;
    texts.push(`${name}=${typeof last === 'number' ? numberText(last) : fieldText(last)}`);
  }
  return texts;
}

/** The same in full. */
function tsvText(runs: readonly RunSummary[]): string {
  const rows = runs.map((run) => {
    const { id, status, namespace, startedAt, durationMs, error, result } = run;
    const values = run.seriesNames.flatMap((name) => {
      const last = run.seriesSummary(name)?.last;
      return last === null || last === undefined ? [] : `${name}=${exactText(last)}`;
    });
    const texts = [
      ...(error === undefined ? [] : [errorText(error)]),
      ...(result === undefined || result === null ? [] : [`-> ${exactText(result)}`]),
      ...values,
    ];
    return [
      id,
      status,
      namespace,
      startedAt,
      durationMs === undefined ? '' : String(Math.round(durationMs)),
      texts.join(' '),
    ];
  });
  const heads = ['id', 'status', 'experiment', 'started', 'duration_ms', 'last values'];
  return renderTsv(
    heads.map((head) => ({ head })),
    rows,
  );
}
