import type { RunSummary } from '../archive/summary.ts';
import { canonical } from '../codec/json.ts';
import type { ArchiveOptions } from './list.ts';
import { plainText } from './list-columns.ts';
import { shownParameterNames } from './list-record.ts';
import { agoText, durationText } from './quantity.ts';
import { paint, type Screen, statusStyle } from './screen.ts';
import { renderTable, renderTsv, type TableColumn } from './table.ts';
import { exactText, valueText } from './value-text.ts';

const REDACTED = '[redacted]';

/** What people want to know of runs at a glance: also what tells the runs of an experiment apart. */
export function runTable(runs: readonly RunSummary[], { tty, screen }: ArchiveOptions, now: number): string {
  const keys = runs.map(parameterKeys);
  const differing = differingParameters(runs, keys);
  const hasTitles = runs.some(({ title }) => title !== undefined);
  const hasTags = runs.some(({ tags }) => tags.length > 0);
  const rows = runs.map((run, index) => {
    const names = [...keys[index]!.keys()].filter((name) => differing.get(run.namespace)?.has(name));
    const text = tty ? valueText : exactText;
    const parameters = names.map((name) => {
      const value = run.parameter(name);
      return `${name}=${value === undefined ? REDACTED : text(value)}`;
    });
    const { durationMs, startedMs } = run;
    const started = tty ? agoText(new Date(startedMs), now) : new Date(startedMs).toISOString();
    const took = durationMs === undefined ? '' : tty ? durationText(durationMs) : String(Math.round(durationMs));
    return [
      run.id,
      ...(hasTitles ? [run.title ?? ''] : []),
      run.status,
      run.namespace,
      started,
      took,
      ...(hasTags ? [run.tags.join(tty ? ' ' : ',')] : []),
      parameters.join(tty ? '  ' : ' '),
    ];
  });
  if (tty) return renderTable(columnsFor(screen, hasTitles, hasTags), rows, screen);
  const heads = ['id', ...(hasTitles ? ['title'] : []), 'status', 'experiment', 'started', 'duration_ms'];
  return renderTsv(
    [...heads, ...(hasTags ? ['tags'] : []), 'parameters'].map((head) => ({ head })),
    rows,
  );
}

function columnsFor(screen: Screen, hasTitles: boolean, hasTags: boolean): TableColumn[] {
  const styles = paint(screen);
  return [
    { head: 'id', style: styles.cyan },
    ...(hasTitles ? [{ head: 'title', shrink: true, min: 8, style: styles.bold }] : []),
    { head: 'status', style: (cell, status) => statusStyle(status, styles)(cell) },
    { head: 'experiment', shrink: true, min: 10, style: styles.bold },
    { head: 'started' },
    { head: 'took', align: 'right' },
    ...(hasTags ? [{ head: 'tags', shrink: true, min: 6 }] : []),
    { head: 'differs in', shrink: true, min: 10 },
  ];
}

/** By name, a text that is another for another value. */
function parameterKeys(run: RunSummary): Map<string, string> {
  const keys = new Map<string, string>();
  for (const name of shownParameterNames(run)) {
    const value = run.parameter(name);
    if (value !== undefined) keys.set(name, keyOf(value));
    else if (run.secrets.includes(name)) keys.set(name, REDACTED);
  }
  return keys;
}

function keyOf(value: unknown): string {
  if (typeof value === 'string') return `'${value}`;
  return typeof value === 'object' && value !== null ? canonical(value) : plainText(value);
}

/** By experiment, the names of the parameters that do not have the same value in all of its runs. */
function differingParameters(
  runs: readonly RunSummary[],
  keys: readonly ReadonlyMap<string, string>[],
): ReadonlyMap<string, ReadonlySet<string>> {
  const byExperiment = new Map<string, ReadonlyMap<string, string>[]>();
  runs.forEach(({ namespace }, index) => {
    const same = byExperiment.get(namespace);
    if (same === undefined) byExperiment.set(namespace, [keys[index]!]);
    else same.push(keys[index]!);
  });
  return new Map([...byExperiment].map(([namespace, same]) => [namespace, differingOf(same)]));
}

function differingOf(runs: readonly ReadonlyMap<string, string>[]): ReadonlySet<string> {
  const [first] = runs;
  const differing = new Set<string>();
  for (const parameters of runs) {
    for (const [name, key] of parameters) if (first?.get(name) !== key) differing.add(name);
    for (const name of first?.keys() ?? []) if (!parameters.has(name)) differing.add(name);
  }
  return differing;
}
