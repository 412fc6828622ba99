import { isComexError } from '../errors.ts';
import type { ModuleSource } from '../experiment/definition.ts';
import { CONFIG_FILE, type ProjectConfig } from '../experiment/project.ts';
import { checkRules, placeIn } from '../run/harvest/check.ts';
import type { Problems } from './validate-problems.ts';

/** Notes the wrong rules of a configuration, which keep every experiment of the project from being run. */
export async function checkConfigHarvest(file: string, { harvest }: ProjectConfig, problems: Problems): Promise<void> {
  if (harvest !== undefined) await check(harvest, placeIn('config', CONFIG_FILE), problems, { file, line: 1 });
}

/** Notes the wrong rules that a module exports, when its source alone tells them. */
export async function checkModuleHarvest({ path, exports, constant }: ModuleSource, problems: Problems): Promise<void> {
  if (!exports.includes('harvest')) return;
  const { line, ...value } = constant('harvest');
  if (value.known) await check(value.value, placeIn('experiment', ''), problems, { file: path, line });
}

type Place = { readonly file: string; readonly line: number };

async function check(rules: unknown, at: ReturnType<typeof placeIn>, problems: Problems, place: Place): Promise<void> {
  const note = (message: string): void => problems.add(message.trim(), 'E_HARVEST', 'error', place);
  try {
    await checkRules(rules, at, (_, problem) => note(problem.message));
  } catch (problem) {
    if (!isComexError(problem)) throw problem;
    note(problem.message);
  }
}
