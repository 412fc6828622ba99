import type { Resolved } from '../experiment/define.ts';
import { Attempt, type AttemptOptions } from './attempt.ts';
import type { RunChild } from './children.ts';
import { toTerminal } from './context.ts';
import type { Experiment } from './experiment.ts';
import type { GitState } from './git.ts';
import { OpenedRun } from './opened-run.ts';
import { describeToPlugins, loadPlugins } from './plugin-facts.ts';
import { harvestRulesOf, sightingsOf } from './preparation.ts';
import { NO_FILE } from './script.ts';

/** How a run is opened. */
export interface OpenedOptions extends AttemptOptions {
  /** Whether its log takes what the process prints. */
  readonly capture: boolean;
  readonly child: RunChild;
  readonly git: Promise<GitState | undefined>;
}

/**
 * Opens a run for a script, and gives its `e`.
 *
 * @throws ComexError `E_STORAGE`, `E_PLUGIN`, and as `claimFolder` does
 */
export async function openScriptRun(resolved: Resolved, options: OpenedOptions): Promise<Experiment> {
  const pluginLog: { line?: (text: string) => void } = {};
  const plugins = await loadPlugins(resolved, options, (text) => pluginLog.line?.(text));
  const harvest = await harvestRulesOf(resolved.definition.project);
  const sightings = await sightingsOf(resolved, options);
  const attempt = new Attempt(resolved, { ...options, sightings });
  pluginLog.line = (text) => attempt.log.line(text);
  attempt.files.onTrouble = (text) => toTerminal('stderr', `comex: ${text}\n`);
  // Before the script goes on: it may keep its thread to itself from then on.
  attempt.setGit(await options.git);
  if (resolved.definition.closure.size === 0) attempt.snapshot.skip(NO_FILE, 'code that is in no file');
  attempt.updateMeta();
  await plugins?.beforeRun(describeToPlugins(attempt, resolved, options));
  if (plugins?.tracks === true) attempt.tracker.onPoint = plugins.track.bind(plugins);
  sightings?.begin();
  return new OpenedRun({ resolved, attempt, plugins, harvest }, { ...options, sightings }).e;
}
