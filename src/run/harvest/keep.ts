import { replayData, withHarvested } from '../../archive/data.ts';
import type { LoadedRun } from '../../archive/load.ts';
import { appendNote } from '../../archive/notes.ts';
import { canonical } from '../../codec/json.ts';
import { type Harvest, type HarvestedDatum, type HarvestFailure, reasonOf } from './harvest.ts';

/** What became of a harvest. */
export interface Kept {
  /** New, or with another value or source than before. */
  readonly changed: readonly HarvestedDatum[];
  /** As they were harvested before. */
  readonly unchanged: readonly HarvestedDatum[];
  readonly failures: readonly HarvestFailure[];
}

/**
 * Notes on a run what was harvested for it, in one note; nothing when all of it is there. What has no place among the data
 * of the run is named instead.
 *
 * @param by the command that harvests
 * @param dryRun only say what would be noted
 * @throws ComexError `E_STORAGE`
 */
export function keep(run: LoadedRun, { data, failures: before }: Harvest, by: string, dryRun = false): Kept {
  const failures = [...before];
  const { tree } = replayData(run.path);
  const own = new Set(data.map(({ rule }) => rule.path).filter((path) => tree.has(path)));
  const all = withHarvested(tree, run.harvested);
  const taken = new Set(Object.keys(run.harvested));
  const placed = data.filter(({ rule, value }) => {
    const refuse = (message: string): false => {
      failures.push({ path: rule.path, rule, message, missing: undefined });
      return false;
    };
    const other = [...taken].find((path) => isAbove(path, rule.path) || isAbove(rule.path, path));
    if (other !== undefined) {
      const where = isAbove(other, rule.path) ? 'above' : 'below';
      const advice = `Use another path, or take that one away: "comex harvest ${run.id} --remove ${other}".`;
      return refuse(`Expected a path beside the others, but ${other}, ${where} it, is harvested, too. ${advice}`);
    }
    if (own.has(rule.path) && !rule.replace) {
      return refuse('The run itself stored data there. Use another path, or say "replace": true to stand in for it.');
    }
    try {
      all.set(rule.path, value);
      taken.add(rule.path);
      return true;
    } catch (error) {
      return refuse(reasonOf(error));
    }
  });
  const isKnown = ({ rule: { path, patterns }, value, source }: HarvestedDatum): boolean => {
    const known = run.harvested[path];
    if (known === undefined || !isSame(known.value, value)) return false;
    if (isSame(known.source ?? null, source)) return true;
    // The log goes on behind the harvest at the end of the run.
    const { rule, count } = Object(known.source) as Partial<HarvestedDatum['source']>;
    return patterns.length === 0 && isSame(rule ?? null, source.rule) && count === source.count;
  };
  const unchanged = placed.filter(isKnown);
  const changed = placed.filter((datum) => !isKnown(datum));
  if (changed.length > 0 && !dryRun) {
    appendNote(run.path, {
      at: new Date().toISOString(),
      by,
      kind: 'harvest',
      values: Object.fromEntries(changed.map(({ rule, value }) => [rule.path, value])),
      source: Object.fromEntries(changed.map(({ rule, source }) => [rule.path, source])),
    });
  }
  return { changed, unchanged, failures };
}

function isAbove(path: string, other: string): boolean {
  return other.startsWith(`${path}/`);
}

function isSame(a: unknown, b: unknown): boolean {
  return canonical(a) === canonical(b);
}
