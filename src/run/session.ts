import type { Resolved } from '../experiment/define.ts';
import { registerHooks } from '../experiment/hooks.ts';
import { type Instance, instantiate, instantiateAgain } from '../experiment/instance.ts';
import { readProjectFile } from '../experiment/load/closure.ts';
import type { Attempt } from './attempt.ts';
import type { Children } from './children.ts';
import { type Analysis, analysesOf, harvestsOf, mainOf, testingOf, volatileOf } from './composition.ts';
import type { Ending, Endings } from './ending.ts';
import { nextTurn } from './epilogue.ts';
import type { Experiment } from './experiment.ts';
import type { CheckedRule } from './harvest/rules.ts';
import type { HookCalls } from './hook-calls.ts';
import { createExperiment } from './members.ts';
import type { PluginHost } from './plugins.ts';
import type { Programs } from './programs.ts';
import type { RunOptions } from './run.ts';
import type { Watchdog } from './watchdog.ts';

/** How a run ended, with what its main function returned. */
export type End = Ending & { readonly result?: unknown };

/** What there is of an experiment once its modules are evaluated. */
export interface Session {
  readonly hooks: HookCalls;
  analyses: readonly Analysis[];
  /** What is harvested when it is over, the strongest last. */
  harvest: readonly CheckedRule[];
  instance?: Instance;
  e?: Experiment;
}

export interface Work {
  readonly attempt: Attempt;
  readonly endings: Endings;
  readonly programs: Programs;
  readonly resolved: Resolved;
  readonly options: RunOptions;
  readonly plugins: PluginHost | undefined;
  readonly children: Children;
  readonly watchdog: Watchdog | undefined;
}

/** Evaluates the modules and calls the main function; resolves with how that ended, or why it has to end before. */
export async function evaluate(parts: Work, session: Session): Promise<End> {
  const { attempt, endings, resolved, options } = parts;
  const { definition } = resolved;
  const work = async (): Promise<unknown> => {
    const late = (path: string): void => attempt.snapshot.add(readProjectFile(path, definition.tsconfigs));
    const loading =
      options.parent === undefined
        ? instantiate(definition, attempt.scope, late, options.way)
        : instantiateAgain(definition, attempt.scope, late);
    loading.catch(() => {}); // looked at below, after git
    attempt.setGit(await options.git);
    const instance = await loading;
    session.instance = instance;
    attempt.loader = instance.way;
    const main = mainOf(instance);
    session.analyses = analysesOf(instance);
    attempt.volatile = volatileOf(instance);
    const harvests = harvestsOf(instance);
    if (harvests.length > 0) {
      const { experimentRules, writtenRules } = await import('./harvest/at-end.ts');
      const rules = await experimentRules(harvests);
      session.harvest = [...session.harvest, ...rules];
      attempt.harvest = writtenRules(attempt.namespace, rules);
    }
    const hooks = registerHooks(instance);
    const e = createExperiment({ ...parts, hooks });
    session.e = e;
    session.hooks.set(hooks);
    attempt.updateMeta();
    for (const warning of definition.warnings) e.log(`Warning: ${warning}`);
    parts.watchdog?.beginBefore(definition.closure.values());
    await test(attempt, instance, e, session.hooks);
    await session.hooks.call('before_run', e, {});
    const result = await main(e);
    await attempt.pending.settle();
    await nextTurn();
    return result;
  };
  const settled = work().then(
    (result): End => ({ status: 'done', error: undefined, result }),
    (error: unknown): End => ({ status: 'failed', error: error ?? new Error(`Thrown value: ${String(error)}`) }),
  );
  const judged = settled.then((end) => overruled(end, endings.ending));
  return await Promise.race([judged, endings.now.then((ending): End => ending)]);
}

/** A run that was told to end has ended for that reason, whatever its main function did about it. */
export function overruled(end: End, ending: Ending | undefined): End {
  return ending === undefined ? end : { ...ending, ...('result' in end ? { result: end.result } : {}) };
}

async function test(attempt: Attempt, instance: Instance, e: Experiment, hooks: HookCalls): Promise<void> {
  if (attempt.scope.get('__TESTING__') !== true) return;
  const testing = testingOf(instance);
  if (testing === undefined) {
    attempt.log.line('__TESTING__ is set, but no module exports a function testing(e): it runs as always.');
    return;
  }
  await hooks.call('before_testing', e, {});
  attempt.testing = true;
  try {
    await testing(e);
  } finally {
    attempt.testing = false;
  }
}
