import { loadRun } from '../../archive/load.ts';
import { ComexError } from '../../errors.ts';
import type { Project } from '../../experiment/project.ts';
import type { HarvestExport } from '../composition.ts';
import { checkRules, placeIn } from './check.ts';
import { type HarvestFailure, harvest, rulesFor } from './harvest.ts';
import { keep } from './keep.ts';
import type { CheckedRule } from './rules.ts';

/** The rules in the configuration of a project. @throws ComexError `E_HARVEST` */
export async function projectRules({ config }: Project): Promise<CheckedRule[]> {
  if (config.harvest === undefined) return [];
  return await checkRules(config.harvest, placeIn('config', 'comex.config.json'));
}

/** The rules of an experiment, those of its parents first. @throws ComexError `E_HARVEST` */
export async function experimentRules(exports: readonly HarvestExport[]): Promise<CheckedRule[]> {
  const rules: CheckedRule[] = [];
  for (const { file, value } of exports) rules.push(...(await checkRules(value, placeIn('experiment', file))));
  return rules;
}

/** The rules as the metadata of a run keep them: those that are meant for it, by path. */
export function writtenRules(namespace: string, rules: readonly CheckedRule[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(rulesFor(namespace, rules).map(({ path, written }) => [path, written]));
}

/**
 * Harvests for a run that has ended. What the configuration speaks of may be written later, by a program that has the
 * results of many runs, and not for every experiment: to have none yet is nothing wrong.
 *
 * @param root the project, absolute
 * @param say takes a line for the log
 * @throws ComexError `E_HARVEST` naming all that is wrong, when the rest has been noted; `E_STORAGE`
 */
export async function harvestAtEnd(
  folder: string,
  root: string,
  rules: readonly CheckedRule[],
  say: (line: string) => void,
): Promise<void> {
  const run = loadRun(folder);
  const found = await harvest(rulesFor(run.namespace, rules), { run, root });
  const isLater = ({ rule, missing }: HarvestFailure): boolean => rule.origin === 'config' && missing !== undefined;
  const later = found.failures.filter(isLater).map(({ path }) => path);
  if (later.length > 0) {
    const it = later.length === 1 ? 'it' : 'them';
    say(`Harvest: there is nothing for ${later.join(', ')} yet. "comex harvest ${run.id}" takes ${it} later.`);
  }
  for (const remark of found.remarks) say(`Harvest: ${remark}`);
  const failures = found.failures.filter((failure) => !isLater(failure));
  const kept = keep(run, { ...found, failures }, 'comex run');
  if (kept.failures.length === 0) return;
  throw new ComexError('E_HARVEST', kept.failures.map(failureText).join('\n'));
}

/** `results/score: Expected ...` */
export function failureText({ path, message }: Pick<HarvestFailure, 'path' | 'message'>): string {
  return message
    .split('\n')
    .map((line) => `${path}: ${line}`)
    .join('\n');
}
