import { resolve } from 'node:path';
import { ComexError } from '../errors.ts';
import { type Adoption, adoptFolder } from '../manage/adopt/adopt.ts';
import { knownRuns } from '../manage/adopt/known.ts';
import { type ManageOptions, ManageScope } from './manage-scope.ts';
import { countText, groupedText } from './quantity.ts';
import { pathText } from './run-facts.ts';

interface AdoptOptions extends ManageOptions {
  readonly map?: string | undefined;
  readonly into?: string | undefined;
  readonly dryRun: boolean;
}

/** `comex adopt FOLDER... [--map RULES] [--into NAMESPACE] [--dry-run]`. Returns the exit status. */
export async function adoptCommand(folders: readonly string[], given: AdoptOptions): Promise<number> {
  if (folders.includes('')) throw new ComexError('E_USAGE', 'Expected FOLDER to be a path, got an empty text.');
  const scope = new ManageScope(given);
  const { results, cwd } = scope;
  const { into, dryRun } = given;
  const adoptions: Adoption[] = [];
  const remarks = new Map<string, string[]>();
  const reader = given.map === undefined ? undefined : await readerFor(resolve(cwd, given.map));
  const known = knownRuns(results);
  for (const folder of folders) {
    const options = { results, known, into, dryRun, reader, now: Date.now() };
    for await (const adoption of adoptFolder(resolve(cwd, folder), options)) {
      adoptions.push(adoption);
      tell(adoption, scope, dryRun);
      for (const remark of adoption.remarks) {
        remarks.set(remark, [...(remarks.get(remark) ?? []), pathText(adoption.from, cwd)]);
      }
    }
  }
  for (const [remark, sources] of remarks) scope.warn(`${named(sources)}: ${remark}.`);
  if (scope.json) scope.print(adoptions);
  else if (adoptions.length > 1) scope.say(summary(adoptions, dryRun));
  return scope.status;
}

function tell(adoption: Adoption, scope: ManageScope, dryRun: boolean): void {
  const { from, outcome, reason, id = '', folder = '', status, original, problems } = adoption;
  const source = pathText(from, scope.cwd);
  if (outcome === 'refused') scope.failed(`${source} was not adopted: ${reason}.`);
  for (const problem of problems) scope.failed(`${source}: ${problem.replace(/\.$/, '')}.`);
  if (scope.json || outcome === 'refused') return;
  const of = original === undefined ? '' : `, of ${pathText(original, scope.cwd)}`;
  const said = outcome === 'same' ? `is there already${of}` : dryRun ? 'would be adopted' : 'adopted';
  const place = pathText(folder, scope.cwd);
  scope.say(`${id}  ${said}${status === undefined ? '' : `, ${status}`}  ${place}`);
}

async function readerFor(path: string) {
  const { mappedRuns, readMapRules } = await import('../manage/adopt/map.ts');
  const rules = await readMapRules(path);
  return (root: string) => mappedRuns(root, rules);
}

/** What is true of many folders is said once. */
function named([first, ...others]: readonly string[]): string {
  return others.length === 0 ? first! : `${first} and ${countText(others.length, 'more folder')}`;
}

function summary(adoptions: readonly Adoption[], dryRun: boolean): string {
  const count = (outcome: Adoption['outcome']): number => adoptions.filter((each) => each.outcome === outcome).length;
  const [adopted, same, refused] = [count('adopted'), count('same'), count('refused')];
  return [
    `${countText(adopted, 'run')} ${dryRun ? 'would be adopted' : 'adopted'}`,
    ...(same === 0 ? [] : [`${groupedText(same)} there already`]),
    ...(refused === 0 ? [] : [`${groupedText(refused)} not adopted`]),
  ].join(', ');
}
