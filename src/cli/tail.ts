import type { RunSummary } from '../archive/summary.ts';
import { encodePretty } from '../codec/json.ts';
import { listedRecord } from './list-record.ts';
import { type LookOptions, type LookScope, lookScope, nameBroken } from './look-scope.ts';
import { agoText, durationText, numberText } from './quantity.ts';
import { errorText } from './run-facts.ts';
import { harmlessJson, paint, statusStyle } from './screen.ts';
import { type SelectionOptions, selectRuns } from './selection.ts';
import { renderTable, renderTsv, type TableColumn } from './table.ts';
import { fieldText, valueText } from './value-text.ts';

const DEFAULT_COUNT = 5;
/** More would not be read on a line. */
const MAX_VALUES = 12;

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
  const styles = paint(screen);
  const columns: TableColumn[] = [
    { head: 'id', style: styles.cyan },
    { head: 'status', style: (cell, text) => statusStyle(text, styles)(cell) },
    { head: 'experiment', shrink: true, min: 10, style: styles.bold },
    { head: 'started' },
    { head: tty ? 'took' : 'duration_ms', align: 'right' },
    { head: 'last values', shrink: true, min: 10 },
  ];
  const rows = runs.map((run) => [
    run.id,
    run.status,
    run.namespace,
    tty ? agoText(new Date(run.startedMs), now) : run.startedAt,
    tookText(run, tty),
    valuesText(run, tty ? '  ' : ' '),
  ]);
  out(tty ? renderTable(columns, rows, screen) : renderTsv(columns, rows));
  return 0;
}

function tookText({ durationMs }: RunSummary, tty: boolean): string {
  if (durationMs === undefined) return '';
  return tty ? durationText(durationMs) : String(Math.round(durationMs));
}

/** Why it failed, what it returned, and the last number of each series. */
function valuesText(run: RunSummary, gap: string): string {
  const texts: string[] = [];
  if (run.error !== undefined) texts.push(errorText(run.error));
  if (run.result !== undefined && run.result !== null) texts.push(`-> ${valueText(run.result)}`);
  for (const name of run.seriesNames.slice(0, MAX_VALUES)) {
    const last = run.seriesSummary(name)?.last;
    if (last !== null && last !== undefined) {
      texts.push(`${name}=${typeof last === 'number' ? numberText(last) : fieldText(last)}`);
    }
  }
  return texts.join(gap);
}
