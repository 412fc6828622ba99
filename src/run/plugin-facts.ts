import { relative, sep } from 'node:path';
import type { Resolved } from '../experiment/define.ts';
import { importModule } from '../experiment/instance.ts';
import type { Attempt } from './attempt.ts';
import { recordError } from './errors-record.ts';
import { recordParameters } from './parameters-record.ts';
import type { PluginOutcome, PluginRun } from './plugin.ts';
import type { PluginHost } from './plugins.ts';
import type { RunOptions } from './run.ts';
import type { End } from './session.ts';

/** The plugins of the project; loaded only where there are any. */
export async function loadPlugins(
  { definition }: Resolved,
  options: RunOptions,
  log: (text: string) => void,
): Promise<PluginHost | undefined> {
  const { root, config } = definition.project;
  if (config.plugins === undefined || config.plugins.length === 0) return undefined;
  const { PluginHost } = await import('./plugins.ts');
  const results = options.parent?.results ?? options.results;
  return await PluginHost.load(config.plugins, { root, results }, importModule, log);
}

/** What plugins are told of a run that begins. */
export function describeToPlugins(attempt: Attempt, resolved: Resolved, options: RunOptions): Omit<PluginRun, 'log'> {
  const { definition } = resolved;
  return {
    id: attempt.id,
    path: attempt.path,
    namespace: attempt.namespace,
    module: relative(definition.project.root, definition.path).split(sep).join('/'),
    ...(definition.description === undefined ? {} : { description: definition.description }),
    get parameters() {
      const { parameters } = recordParameters(resolved, attempt.scope);
      const values = Object.entries(parameters).map(([name, { value }]) => [name, value]);
      // What is derived from a secret holds it, too.
      return attempt.secrets.clean(Object.fromEntries(values)) as Readonly<Record<string, unknown>>;
    },
    tags: options.tags,
    startedAt: attempt.startedAt,
    ...(options.parent === undefined ? {} : { parent: options.parent.id }),
  };
}

/** What plugins are told of its end. */
export function pluginOutcome(attempt: Attempt, end: End): PluginOutcome {
  return {
    status: end.status,
    durationMs: attempt.durationMs,
    ...(end.result === undefined ? {} : { result: end.result }),
    ...(end.error === undefined ? {} : { error: recordError(end.error) }),
  };
}
