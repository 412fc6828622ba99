import type { Resolved } from '../experiment/define.ts';
import type { Project } from '../experiment/project.ts';
import type { CheckedRule } from './harvest/rules.ts';
import { specialOf } from './opening.ts';
import type { RunOptions } from './run.ts';
import type { Sightings } from './sightings.ts';

/** The rules of the project, where it has any: wrong ones are told before anything runs. @throws ComexError `E_HARVEST` */
export async function harvestRulesOf(project: Project): Promise<readonly CheckedRule[]> {
  if (project.config.harvest === undefined) return [];
  const { projectRules } = await import('./harvest/at-end.ts');
  return await projectRules(project);
}

/** What takes note of what the run uses, where it is to be reproducible. @throws ComexError `E_REPRODUCIBLE` */
export async function sightingsOf(
  resolved: Resolved,
  { parent, git }: Pick<RunOptions, 'parent' | 'git'>,
): Promise<Sightings | undefined> {
  if (specialOf(resolved, '__REPRODUCIBLE__') !== true) return undefined;
  const { watchReproducible } = await import('./reproducible.ts');
  return await watchReproducible(resolved, parent?.git === undefined ? await git : { record: parent.git });
}
