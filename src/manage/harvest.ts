import { type LoadedRun, loadRun } from '../archive/load.ts';
import { appendNote } from '../archive/notes.ts';
import { ComexError, didYouMean } from '../errors.ts';
import type { Project } from '../experiment/project.ts';
import { failureText, projectRules } from '../run/harvest/at-end.ts';
import { checkRules, placeIn } from '../run/harvest/check.ts';
import { type HarvestedDatum, harvest, rulesFor } from '../run/harvest/harvest.ts';
import { keep } from '../run/harvest/keep.ts';
import type { RulePlace } from '../run/harvest/rule-fields.ts';
import type { CheckedRule } from '../run/harvest/rules.ts';

/** What was harvested for a run. */
export interface RunHarvest {
  readonly run: LoadedRun;
  /** New, or with another value or source than before. */
  readonly changed: readonly HarvestedDatum[];
  readonly unchanged: readonly HarvestedDatum[];
  /** What could not be had: path of the datum, and the sentence with it. */
  readonly problems: ReadonlyArray<{ readonly path: string; readonly message: string }>;
  readonly remarks: readonly string[];
  /** Whether any rule is meant for the run. */
  readonly hasRules: boolean;
}

/** Harvests for runs that are there, by the rules of the project and of each run's experiment, or by one of its own. */
export class Harvester {
  readonly #project: Project;
  readonly #rules: readonly CheckedRule[];
  readonly #isOwn: boolean;
  readonly #dryRun: boolean;

  private constructor(project: Project, rules: readonly CheckedRule[], isOwn: boolean, dryRun: boolean) {
    this.#project = project;
    this.#rules = rules;
    this.#isOwn = isOwn;
    this.#dryRun = dryRun;
  }

  /**
   * @param own rules that are carried out instead of all others
   * @throws ComexError `E_HARVEST` for a wrong rule
   */
  static async of(
    project: Project,
    own: { readonly rules: unknown; readonly place: RulePlace } | undefined,
    dryRun: boolean,
  ): Promise<Harvester> {
    const rules = own === undefined ? await projectRules(project) : await checkRules(own.rules, own.place);
    return new Harvester(project, rules, own !== undefined, dryRun);
  }

  /**
   * Harvests for one run, and notes on it what is new.
   *
   * @throws ComexError what reading the metadata throws, `E_STORAGE`
   */
  async run(folder: string): Promise<RunHarvest> {
    const run = loadRun(folder);
    const problems: Array<{ readonly path: string; readonly message: string }> = [];
    const stored = await this.#rulesOf(run, (path, message) => problems.push({ path, message }));
    const rules = rulesFor(run.namespace, [...this.#rules, ...stored]);
    const found = await harvest(rules, { run, root: this.#project.root });
    const { changed, unchanged, failures } = keep(run, found, 'comex harvest', this.#dryRun);
    problems.push(...failures.map((failure) => ({ path: failure.path, message: failureText(failure) })));
    const hasRules = rules.length + problems.length > 0;
    return { run, changed, unchanged, problems, remarks: found.remarks, hasRules };
  }

  /** What its experiment exported when it ran: nothing of it is loaded again. */
  async #rulesOf({ id, meta }: LoadedRun, refuse: (path: string, message: string) => void): Promise<CheckedRule[]> {
    if (this.#isOwn || meta.harvest === undefined) return [];
    const place = placeIn('metadata', `${meta.module} of the run ${id}`);
    return await checkRules(meta.harvest, place, (path, { message }) => refuse(path, message));
  }
}

/** What was taken away of a run. */
export interface RunRemoval {
  readonly run: LoadedRun;
  /** The values that it had, by the path of the datum. */
  readonly removed: Readonly<Record<string, unknown>>;
  readonly problems: RunHarvest['problems'];
}

/**
 * Takes harvested values of a run away again: what the run itself stored there is seen again.
 *
 * @param dryRun only say what would be taken away
 * @throws ComexError what reading the metadata throws, `E_STORAGE`
 */
export function removeHarvested(folder: string, paths: readonly string[], dryRun: boolean): RunRemoval {
  const run = loadRun(folder);
  const wanted = [...new Set(paths)];
  const found = wanted.filter((path) => Object.hasOwn(run.harvested, path));
  const known = Object.keys(run.harvested);
  const problems = wanted
    .filter((path) => !found.includes(path))
    .map((path) => {
      const has = known.length === 0 ? ' It has none.' : ` It has ${known.slice(0, 8).join(', ')}.`;
      const hint = didYouMean(path, known) || has;
      return { path, message: `Expected a harvested value of the run, got ${JSON.stringify(path)}.${hint}` };
    });
  if (found.length > 0 && !dryRun) {
    const at = new Date().toISOString();
    appendNote(run.path, { at, by: 'comex harvest', kind: 'harvest', values: {}, source: {}, remove: found });
  }
  const removed = Object.fromEntries(found.map((path) => [path, run.harvested[path]?.value]));
  return { run, removed, problems };
}

/** @throws ComexError `E_USAGE` when none of the runs has a rule, so that nothing could be done */
export function refuseNoRules(harvests: readonly RunHarvest[]): void {
  if (harvests.length === 0 || harvests.some(({ hasRules }) => hasRules)) return;
  throw new ComexError(
    'E_USAGE',
    'Expected rules for these runs: "harvest" in comex.config.json, export const harvest in the experiment, or --csv \'eval/*.csv\' --column score --as results/score.',
  );
}
