import { applyPlan, type Change, type Plan, planModification, readModification } from '../manage/modify.ts';
import { type ManageOptions, ManageScope } from './manage-scope.ts';
import { countText } from './quantity.ts';
import type { SelectionOptions } from './selection.ts';
import { valueText } from './value-text.ts';

interface ModifyOptions extends ManageOptions, SelectionOptions {
  readonly set?: readonly string[] | undefined;
  readonly rename?: readonly string[] | undefined;
  readonly unset?: readonly string[] | undefined;
  readonly setMeta?: readonly string[] | undefined;
  readonly apply: boolean;
}

/** `comex modify RUN... --set NAME=VALUE [--apply]`. Returns the exit status. */
export async function modifyCommand(words: readonly string[], given: ModifyOptions): Promise<number> {
  const modification = readModification(given);
  const scope = new ManageScope(given);
  const chosen = await scope.chosen(words, given);
  const plans = planModification(
    chosen.map(({ path }) => path),
    modification,
  );
  for (const { id, folder, problem } of plans) {
    if (problem !== undefined) scope.failed(`The run ${id || folder} cannot be changed: ${problem}.`);
  }
  const changing = plans.filter(({ changes }) => changes.length > 0);
  const done = given.apply
    ? scope.each(changing, (plan) => {
        applyPlan(plan);
        return plan;
      })
    : changing;
  if (scope.json)
    scope.print({ applied: given.apply, failed: scope.failures, runs: done.map(({ problem: _, ...plan }) => plan) });
  else if (plans.length === 0) scope.say('No runs match; nothing was changed.');
  else report(scope, done, { applied: given.apply, failed: changing.length - done.length });
  return scope.status;
}

function report(
  scope: ManageScope,
  plans: readonly Plan[],
  { applied, failed }: { readonly applied: boolean; readonly failed: number },
): void {
  for (const { id, namespace, changes } of plans) {
    // A parameter that goes under another name is said once.
    const isOther = ({ path }: Change): boolean => changes.some(({ movedFrom }) => movedFrom === path);
    for (const change of changes.filter((each) => !isOther(each)))
      scope.say(`${id}  ${namespace}  ${changeText(change)}`);
  }
  const what = countText(plans.length, 'run');
  const rest = failed === 0 ? '' : ` ${countText(failed, 'run')} could not be.`;
  if (plans.length === 0) scope.say(scope.failures === 0 ? 'Nothing to change.' : 'Nothing was changed.');
  else if (applied) scope.say(`${what} changed.${rest} What the runs wrote themselves is kept.`);
  else scope.say(`${what} would change. This was a dry run: give --apply to do it.`);
}

function changeText(change: Change): string {
  const { path, from, to, movedFrom } = change;
  const name = (text: string): string => text.replace(/^parameters\./, '');
  if (movedFrom !== undefined) return `${name(movedFrom)} -> ${name(path)}: ${valueText(to)}`;
  const before = 'from' in change ? valueText(from) : '(none)';
  return `${name(path)}: ${before} -> ${'to' in change ? valueText(to) : '(removed)'}`;
}
