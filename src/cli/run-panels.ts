import { loadRun } from '../archive/load.ts';
import type { RunOutcome, StartedRun } from '../run/run.ts';
import { startParameters } from './known-parameters.ts';
import { endPanel, startPanel } from './panels.ts';
import type { Screen } from './screen.ts';

/** The panel that a run begins with, and an empty line behind it. */
export function startLines(
  { id, path, namespace, resolved, seed, tags }: StartedRun,
  cwd: string,
  screen: Screen,
): string {
  const { definition, known } = resolved;
  const panel = startPanel(
    {
      id,
      path,
      namespace,
      description: definition.description,
      module: definition.path,
      parameters: startParameters(resolved),
      seed,
      tags,
      debug: known.get('__DEBUG__')?.value?.value === true,
      testing: known.get('__TESTING__')?.value?.value === true,
      cwd,
    },
    screen,
  );
  return `${panel}\n`;
}

/** The panel that a run ends with, from what is on disk of it. */
export function endLines(outcome: RunOutcome, cwd: string, screen: Screen): string {
  const run = loadRun(outcome.path);
  const { id, path, status, durationMs } = outcome;
  const panel = endPanel(
    {
      id,
      path,
      status,
      durationMs,
      series: run.meta.series ?? {},
      results: run.data,
      artifacts: run.artifacts.length,
      plots: outcome.plots,
      cwd,
    },
    screen,
  );
  return `\n${panel}`;
}
