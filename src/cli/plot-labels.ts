import type { LoadedRun } from '../archive/load.ts';
import { canonical } from '../codec/json.ts';
import { isSpecialName } from '../experiment/special.ts';
import { ABSENT, differences } from '../manage/diff-values.ts';
import { valueText } from './value-text.ts';

/** More of what differs would fill a legend. */
const MAX_NAMES = 3;
const LONGEST_VALUE = 24;
const SEED = /(?:^|_)SEED_*$/;

/** What tells each run from the others: its experiment, parameters, seed; the id where that is not enough. */
export function runLabels(runs: readonly LoadedRun[]): string[] {
  if (runs.length < 2) return runs.map(({ id }) => id);
  const plain = differenceLabels(runs, () => true);
  const seeded = plain.map((label, index) => {
    const seed = runs[index]!.meta.seed?.value;
    return isTaken(label, plain) && seed !== undefined ? `${label} seed=${seed}`.trim() : label;
  });
  return seeded.map((label, index) => (isTaken(label, seeded) ? `${label} ${runs[index]!.id}`.trim() : label));
}

function isTaken(label: string, all: readonly string[]): boolean {
  return label === '' || all.filter((each) => each === label).length > 1;
}

/** Runs that differ in nothing but their seed, together, in the order of the first of each. */
export function repeatsOf(runs: readonly LoadedRun[]): LoadedRun[][] {
  const groups = new Map<string, LoadedRun[]>();
  for (const run of runs) {
    const parameters = Object.entries(parametersOf(run)).filter(([name]) => !SEED.test(name));
    const key = canonical([run.namespace, run.meta.testing, Object.fromEntries(parameters)]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [run]);
    else group.push(run);
  }
  return [...groups.values()];
}

/** What a group of repeats is called, by what tells it from the others. */
export function groupLabels(groups: ReadonlyArray<readonly LoadedRun[]>): string[] {
  const firsts = groups.map(([first]) => first!);
  const labels = groups.length < 2 ? [''] : differenceLabels(firsts, (name) => !SEED.test(name));
  return labels.map((label, index) => {
    const { length } = groups[index]!;
    const what = length === 1 ? 'one run' : `mean ± sd of ${length}`;
    const name = groups.length > 1 && isTaken(label, labels) ? `${label} ${firsts[index]!.id}`.trim() : label;
    return name === '' ? what : `${name} (${what})`;
  });
}

function differenceLabels(runs: readonly LoadedRun[], isShown: (name: string) => boolean): string[] {
  const several = new Set(runs.map(({ namespace }) => namespace)).size > 1;
  const differing = differences(runs.map(parametersOf), '.').filter(({ name }) => isShown(name));
  return runs.map(({ namespace }, index) => {
    const parts = differing
      .slice(0, MAX_NAMES)
      .flatMap(({ name, values }) => (values[index] === ABSENT ? [] : [`${name}=${shortText(values[index])}`]));
    return [...(several ? [namespace] : []), ...parts].join(' ');
  });
}

function parametersOf({ meta }: LoadedRun): Readonly<Record<string, unknown>> {
  const values: Record<string, unknown> = Object.create(null);
  for (const [name, record] of Object.entries(meta.parameters)) {
    if (isSpecialName(name) || record.redacted === true || !Object.hasOwn(record, 'value')) continue;
    values[name] = record.value;
  }
  return values;
}

function shortText(value: unknown): string {
  const text = typeof value === 'string' ? value : valueText(value);
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE - 1)}…` : text;
}
