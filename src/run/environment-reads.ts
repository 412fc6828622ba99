import { relative, sep } from 'node:path';
import { namesIn } from '../experiment/config/interpolate.ts';
import type { Resolved } from '../experiment/define.ts';
import { contributing } from '../experiment/parameter.ts';

/** What depends on a variable of the environment, and where that is written. */
export interface EnvironmentRead {
  /** A parameter; of a YAML experiment the variable. */
  readonly what: string;
  readonly where: string;
}

/** Parameters whose values come from the environment, as far as their texts tell. */
export function environmentReads({ definition, given }: Resolved): EnvironmentRead[] {
  const { chain, closure, declared, project } = definition;
  const place = (path: string): string => relative(project.root, path).split(sep).join('/');
  const reads = [...declared.values()].flatMap(({ name, levels }): EnvironmentRead[] => {
    const { above, below } = contributing(levels);
    const used = given.get(name)?.whole === undefined ? [...above, ...below] : above;
    const level = used.find(({ kind, text = '' }) => kind !== 'config' && /\bprocess\.env\b/.test(text));
    return level === undefined ? [] : [{ what: name, where: `${place(level.file)}:${level.line}` }];
  });
  const variables = chain.configs.flatMap(({ path }) =>
    namesIn(closure.get(path)?.text ?? '').map((what) => ({ what, where: place(path) })),
  );
  return [...reads, ...variables];
}
