import { type LoadedRun, loadRun } from '../archive/load.ts';
import { ComexError } from '../errors.ts';
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
   * @throws ComexError what reading the metadata throws, `E_STORAGE`, `E_HARVEST` for a wrong rule that it was run with
   */
  async run(folder: string): Promise<RunHarvest> {
    const run = loadRun(folder);
    const rules = rulesFor(run.namespace, [...this.#rules, ...(await this.#rulesOf(run))]);
    const found = await harvest(rules, { run, root: this.#project.root });
    const { changed, unchanged, failures } = keep(run, found, 'comex harvest', this.#dryRun);
    const problems = failures.map((failure) => ({ path: failure.path, message: failureText(failure) }));
    return { run, changed, unchanged, problems, remarks: found.remarks, hasRules: rules.length > 0 };
  }

  /** What its experiment exported when it ran: nothing of it is loaded again. */
  async #rulesOf({ id, meta }: LoadedRun): Promise<CheckedRule[]> {
    if (this.#isOwn || meta.harvest === undefined) return [];
    return await checkRules(meta.harvest, placeIn('experiment', `${meta.module} of the run ${id}`));
  }
}

/** @throws ComexError `E_USAGE` when none of the runs has a rule, so that nothing could be done */
export function refuseNoRules(harvests: readonly RunHarvest[]): void {
  if (harvests.length === 0 || harvests.some(({ hasRules }) => hasRules)) return;
  throw new ComexError(
    'E_USAGE',
    'Expected rules for these runs: "harvest" in comex.config.json, export const harvest in the experiment, or --csv \'eval/*.csv\' --column score --as results/score.',
  );
}
