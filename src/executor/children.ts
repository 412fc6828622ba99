import { resolve } from 'node:path';
import { type Definition, define, resolveParameters, withNote } from '../experiment/define.ts';
import type { GivenValue } from '../experiment/given.ts';
import { includedBy } from '../experiment/include.ts';
import { findModule } from '../experiment/project.ts';
import type { RunChild } from '../run/children.ts';
import { run } from '../run/run.ts';

/**
 * Runs children in this process. An experiment is read once: all runs of a tree have the same code, whatever is changed
 * on disk meanwhile.
 */
export function childRunner(cwd: string): RunChild {
  const definitions = new Map<string, Promise<Definition>>();
  const definitionOf = (path: string, include: readonly string[]): Promise<Definition> => {
    const key = JSON.stringify([path, include]);
    const known = definitions.get(key) ?? define(path, cwd, include);
    definitions.set(key, known);
    return known;
  };
  const runChild: RunChild = async ({ file, folder, options, parent, until, relay }) => {
    const path = findModule(/^\.{1,2}\//.test(file) ? resolve(folder, file) : file, cwd);
    const values = Object.entries(options.parameters ?? {}).map(
      ([name, value]): GivenValue => ({ path: name, value: { value } }),
    );
    const definition = await definitionOf(path, includedBy(values));
    const resolved = resolveParameters(definition, values);
    let id = '';
    return await run(resolved, {
      results: parent.results,
      argv: [],
      cwd,
      tags: [...new Set([...definition.tags, ...(options.tags ?? [])])],
      ...withNote(options.note, definition),
      ...(options.timeoutMs === undefined
        ? {}
        : { timeout: { ms: options.timeoutMs, text: `${options.timeoutMs} ms` } }),
      parent,
      until,
      onStart: (started) => {
        id = started.id;
      },
      relay: (text) => relay(id, text),
      child: runChild,
    });
  };
  return runChild;
}
