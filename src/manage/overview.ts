import type { RunSummary } from '../archive/summary.ts';
import type { Usage } from './disk.ts';

const DAY = 86_400_000;
/** Up to so many days are told one by one, the last of them today. */
const MAX_DAYS = 60;
/** In these, it is not known yet how a run ends. */
const OPEN: ReadonlySet<string> = new Set(['queued', 'running', 'stalled']);

/** Runs that an error ended. */
export interface ErrorKind {
  /** The error's code, else its name; of a run that was killed its status. */
  readonly name: string;
  readonly count: number;
  /** Id of the latest run with it, and its first line. */
  readonly latest: string;
  readonly message: string;
}

export interface ExperimentCount {
  readonly namespace: string;
  readonly runs: number;
  readonly done: number;
  readonly failed: number;
  /** ISO 8601, UTC. */
  readonly latestAt: string;
}

/** What an archive holds, in numbers. */
export interface Overview {
  readonly runs: number;
  /** Those inside of other runs are not among them, unless asked for. */
  readonly broken: number;
  readonly statuses: Readonly<Record<string, number>>;
  /** Of the runs that have ended, how many are done, from 0 to 1; null when none has. */
  readonly successRate: number | null;
  /** Milliseconds. */
  readonly time: { readonly totalMs: number; readonly medianMs: number | null; readonly longestMs: number | null };
  /** Local days without a gap, up to today, each with the runs begun then. */
  readonly days: ReadonlyArray<{ readonly day: string; readonly runs: number }>;
  /** Null when it was not measured. */
  readonly disk: Usage | null;
  readonly errors: readonly ErrorKind[];
  readonly experiments: readonly ExperimentCount[];
}

/** @param now milliseconds since the epoch */
export function overviewOf(
  runs: readonly RunSummary[],
  broken: number,
  disk: Usage | undefined,
  now: number,
): Overview {
  const statuses = countsOf(runs.map(({ status }) => status));
  const ended = runs.filter(({ status }) => !OPEN.has(status));
  const done = ended.filter(({ status }) => status === 'done').length;
  const durations = runs.flatMap(({ durationMs }) => (durationMs === undefined ? [] : [durationMs]));
  // Of runs that still go on it is not known how long they take.
  const ofEnded = ended.flatMap(({ durationMs }) => (durationMs === undefined ? [] : [durationMs]));
  ofEnded.sort((a, b) => a - b);
  return {
    runs: runs.length,
    broken,
    statuses,
    successRate: ended.length === 0 ? null : done / ended.length,
    time: {
      totalMs: durations.reduce((sum, ms) => sum + ms, 0),
      medianMs: median(ofEnded),
      longestMs: ofEnded.at(-1) ?? null,
    },
    days: daysOf(runs, now),
    disk: disk ?? null,
    errors: errorsOf(runs),
    experiments: experimentsOf(runs),
  };
}

function countsOf(names: readonly string[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  const all: Record<string, number> = Object.create(null);
  for (const [name, count] of [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))) all[name] = count;
  return all;
}

function median(sorted: readonly number[]): number | null {
  if (sorted.length === 0) return null;
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

function daysOf(runs: readonly RunSummary[], now: number): Overview['days'] {
  const counts = new Map<string, number>();
  let first = Number.POSITIVE_INFINITY;
  for (const { startedMs } of runs) {
    if (Number.isNaN(startedMs)) continue;
    first = Math.min(first, startedMs);
    const day = dayOf(new Date(startedMs));
    counts.set(day, (counts.get(day) ?? 0) + 1);
  }
  if (counts.size === 0) return [];
  const days: { day: string; runs: number }[] = [];
  const noon = new Date(Math.max(now, first));
  // From noon to noon: no change of the clock skips a day or gives one twice.
  noon.setHours(12, 0, 0, 0);
  const since = dayOf(new Date(Math.max(first, noon.getTime() - (MAX_DAYS - 1) * DAY)));
  for (let day = dayOf(noon); day >= since; day = dayOf(noon)) {
    days.unshift({ day, runs: counts.get(day) ?? 0 });
    noon.setDate(noon.getDate() - 1);
  }
  return days;
}

function dayOf(moment: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`;
}

function errorsOf(runs: readonly RunSummary[]): ErrorKind[] {
  const kinds = new Map<string, { count: number; latest: RunSummary }>();
  for (const run of runs) {
    const name = errorName(run);
    if (name === undefined) continue;
    const kind = kinds.get(name);
    if (kind === undefined) kinds.set(name, { count: 1, latest: run });
    else {
      kind.count += 1;
      if (run.startedMs > kind.latest.startedMs) kind.latest = run;
    }
  }
  const all = [...kinds].map(([name, { count, latest }]) => {
    return { name, count, latest: latest.id, message: String(latest.error?.message ?? '') };
  });
  return all.sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));
}

function errorName({ error, status }: RunSummary): string | undefined {
  if (error !== undefined) return String((error.name === 'ComexError' ? error.code : undefined) ?? error.name);
  return status === 'killed' || status === 'lost' ? status : undefined;
}

function experimentsOf(runs: readonly RunSummary[]): ExperimentCount[] {
  const all = new Map<string, { runs: number; done: number; failed: number; latest: RunSummary }>();
  for (const run of runs) {
    const count = all.get(run.namespace) ?? { runs: 0, done: 0, failed: 0, latest: run };
    count.runs += 1;
    if (run.status === 'done') count.done += 1;
    else if (!OPEN.has(run.status)) count.failed += 1;
    if (run.startedMs > count.latest.startedMs) count.latest = run;
    all.set(run.namespace, count);
  }
  const counts = [...all].map(([namespace, { latest, ...counts }]) => {
    return { namespace, ...counts, latestAt: latest.startedAt };
  });
  return counts.sort((a, b) => b.runs - a.runs || (a.namespace < b.namespace ? -1 : 1));
}
