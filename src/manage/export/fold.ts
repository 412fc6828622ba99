import { isCounted } from '../../archive/statuses.ts';
import type { RunSummary } from '../../archive/summary.ts';
import { compareValues } from '../../archive/summary-fields.ts';
import { canonical } from '../../codec/json.ts';
import type { ExportField } from './fields.ts';
import type { Gathered, GatheredRow } from './gather.ts';
import type { SpreadKind } from './measured.ts';
import { type Sample, type Statistic, statistic } from './statistics.ts';

/** A column of a folded table: what makes the groups, what its runs have in common, or numbers. */
export interface FoldedColumn {
  readonly field: ExportField;
  readonly kind: 'key' | 'common' | 'numbers';
}

/** Runs that are equal in the columns that are folded by. */
export interface FoldedGroup {
  /** Runs that are done. */
  readonly count: number;
  /** Runs that ended in another way, but for those that were pruned. */
  readonly failed: number;
  /** In the order of the columns: a value, or of numbers their statistic. */
  readonly values: readonly unknown[];
  /** In the order of the columns: what the statistics are of; none for others. */
  readonly samples: ReadonlyArray<readonly Sample[]>;
  /** In the order of the columns: what runs that are done are not in the statistic, and why; an empty text for none. */
  readonly gaps: readonly string[];
}

export interface Folded {
  readonly columns: readonly FoldedColumn[];
  readonly groups: readonly FoldedGroup[];
  /** Sentences about what is not there. */
  readonly notes: readonly string[];
}

/**
 * Puts the runs together that have equal values in the first `keys` further fields of the rows. Columns of measures with
 * numbers get their statistics over the runs that are done, other columns what these have in common.
 *
 * @param keys the fields that `further` begins with
 * @param columns whether they were named; else the keys come first, and what is no number is left out
 */
export function fold(
  { columns, rows: all }: Gathered,
  keys: readonly ExportField[],
  spread: SpreadKind,
  isNamed: boolean,
): Folded {
  const { rows, notes: unkeyed } = withKeys(all, keys);
  const groups = new Map<string, GatheredRow[]>();
  for (const row of rows) {
    const id = row.further
      .slice(0, keys.length)
      .map((value) => canonical(value))
      .join('\n');
    const group = groups.get(id);
    if (group === undefined) groups.set(id, [row]);
    else group.push(row);
  }
  const done = rows.filter(isDone);
  const isKey = (field: ExportField): number => keys.findIndex(({ name }) => name === field.name);
  const shown = columns.map((field, index) => ({ field, index, key: isKey(field) }));
  const placed = shown
    .map(({ field, index, key }) => ({
      field,
      index,
      key,
      kind: key >= 0 ? ('key' as const) : kindOf(field, index, done),
    }))
    .filter(({ kind }) => isNamed || kind !== 'common');
  const missing = keys.flatMap((field, key) =>
    placed.some((column) => column.key === key) ? [] : [{ field, index: -1, key, kind: 'key' as const }],
  );
  const ordered = isNamed ? placed : [...placed].sort((a, b) => Number(b.key >= 0) - Number(a.key >= 0));
  const order = [...missing, ...ordered];
  const notes = new Notes();
  const folded = [...groups.values()].map((all): FoldedGroup & { readonly keys: readonly unknown[] } => {
    const runs = all.filter(isDone);
    const sampled = order.map(({ kind, index, field }) =>
      kind === 'numbers' ? samplesOf(runs, index, field, notes) : { samples: [], gaps: '' },
    );
    const samples = sampled.map((each) => each.samples);
    notes.seeds(runs);
    return {
      keys: all[0]!.further.slice(0, keys.length),
      count: runs.length,
      failed: all.filter(hasFailed).length,
      samples,
      gaps: sampled.map((each) => each.gaps),
      values: order.map(({ kind, index, key, field }, at) => {
        if (kind === 'key') return all[0]!.further[key];
        if (kind === 'common') return commonValue(runs, index, field, notes);
        return statistic(
          samples[at]!.map(({ value }) => value),
          spread,
        );
      }),
    };
  });
  folded.sort((a, b) => {
    for (const [index, value] of a.keys.entries()) {
      const difference = compareValues(value, b.keys[index], 1);
      if (difference !== 0) return difference;
    }
    return 0;
  });
  return { columns: order, groups: folded, notes: [...unkeyed, ...statusNotes(rows), ...notes.sentences()] };
}

/** The statistic that a group has in a column of numbers. */
export function statisticOf(group: FoldedGroup, index: number): Statistic {
  return group.values[index] as Statistic;
}

function isDone({ run }: GatheredRow): boolean {
  return run.status === 'done';
}

function hasFailed(row: GatheredRow): boolean {
  return isCounted(row.run.status) && !isDone(row);
}

function kindOf(field: ExportField, index: number, done: readonly GatheredRow[]): 'common' | 'numbers' {
  return field.kind === 'measure' && done.some(({ cells }) => isNumber(cells[index])) ? 'numbers' : 'common';
}

function isNumber(value: unknown): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}

/** Why a run has no part in a mean. */
type Gap = 'NaN' | 'missing' | 'no number';

function samplesOf(
  runs: readonly GatheredRow[],
  index: number,
  field: ExportField,
  notes: Notes,
): { readonly samples: readonly Sample[]; readonly gaps: string } {
  const samples: Sample[] = [];
  const gaps: Record<Gap, number> = { NaN: 0, missing: 0, 'no number': 0 };
  for (const { run, cells } of runs) {
    const cell = cells[index];
    if (isNumber(cell) && !Number.isNaN(cell)) {
      samples.push({ value: Number(cell), seed: seedOf(run) });
      continue;
    }
    const gap: Gap = cell === undefined || cell === null ? 'missing' : Number.isNaN(cell) ? 'NaN' : 'no number';
    gaps[gap] += 1;
    notes.count(`${field.head} is ${gap}`);
  }
  const counted = Object.entries(gaps).filter(([, count]) => count > 0);
  return { samples, gaps: counted.map(([gap, count]) => `${gap} ${count}`).join(', ') };
}

/** The rows that have a value in all fields that are folded by; of others nobody knows which repeats they are. */
function withKeys(
  all: readonly GatheredRow[],
  keys: readonly ExportField[],
): { readonly rows: readonly GatheredRow[]; readonly notes: readonly string[] } {
  const without = new Map<string, number>();
  const rows = all.filter(({ further }) => {
    const lacking = keys.filter((_, key) => further[key] === undefined).map(({ name }) => name);
    if (lacking.length === 0) return true;
    const names = lacking.join(' and ');
    without.set(names, (without.get(names) ?? 0) + 1);
    return false;
  });
  const notes = [...without].map(([names, count]) => {
    return `${count === 1 ? '1 run' : `${count} runs`} without ${names} ${count === 1 ? 'was' : 'were'} left out.`;
  });
  return { rows, notes };
}

/** What makes a run one of several repeats: its own seed, or that of comex, given or drawn. */
function seedOf(run: RunSummary): unknown {
  return run.parameter('SEED') ?? run.parameter('__SEED__') ?? run.seed;
}

/** What all runs have; undefined when they differ. */
function commonValue(runs: readonly GatheredRow[], index: number, field: ExportField, notes: Notes): unknown {
  const [first] = runs;
  if (first === undefined) return undefined;
  const value = first.cells[index];
  const text = canonical(value);
  if (runs.every(({ cells }) => canonical(cells[index]) === text)) return value;
  notes.differing.add(field.head);
  return undefined;
}

function statusNotes(rows: readonly GatheredRow[]): string[] {
  const failed = rows.filter(hasFailed).length;
  const unfinished = rows.filter(({ run }) => !isCounted(run.status)).length;
  const notes: string[] = [];
  if (failed > 0) {
    const [are, they] = failed === 1 ? ['1 run is', 'it is'] : [`${failed} runs are`, 'they are'];
    notes.push(`${are} not done: ${they} left out of the means, and counted as failed.`);
  }
  if (unfinished > 0) {
    const [are, they] = unfinished === 1 ? ['1 run is', 'it is'] : [`${unfinished} runs are`, 'they are'];
    notes.push(`${are} pruned or not at an end: ${they} left out.`);
  }
  return notes;
}

/** What is to be said of the values, once for all groups. */
class Notes {
  /** Heads of columns in which runs of a group differ. */
  readonly differing = new Set<string>();
  readonly #counts = new Map<string, number>();
  #sameSeeds = 0;

  count(what: string): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + 1);
  }

  /** Runs of one group with one seed are no independent repeats. */
  seeds(runs: readonly GatheredRow[]): void {
    const seeds = runs.map(({ run }) => seedOf(run)).filter((seed) => seed !== undefined && seed !== null);
    if (new Set(seeds.map(String)).size < seeds.length) this.#sameSeeds += 1;
  }

  sentences(): string[] {
    const notes = [...this.#counts].map(([what, count]) => {
      return `${what} in ${count === 1 ? '1 run' : `${count} runs`} that ${count === 1 ? 'is' : 'are'} done; the mean is of the others.`;
    });
    for (const head of this.differing) {
      notes.push(
        `${head} is not the same in all runs of a group, and is left empty there. Fold by it, or leave it out.`,
      );
    }
    if (this.#sameSeeds > 0) {
      const groups = this.#sameSeeds === 1 ? 'One group has' : `${this.#sameSeeds} groups have`;
      notes.push(`${groups} several runs with the same seed: they may be one result, counted more than once.`);
    }
    return notes;
  }
}
