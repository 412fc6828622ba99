import { basename, dirname, relative, resolve, sep } from 'node:path';
import type { ModuleSource } from '../experiment/definition.ts';
import { resolveImport, type Tsconfigs } from '../experiment/load/resolve.ts';
import type { Problems } from './validate-problems.ts';

/** Notes what a run lets pass in a module: types of another file, and values that will not follow their parameters. */
export function checkModule(module: ModuleSource, tsconfigs: Tsconfigs, problems: Problems): void {
  checkSelf(module, tsconfigs, problems);
  checkParent(module, tsconfigs, problems);
  checkCopies(module, problems);
}

function checkSelf({ path, selfImport }: ModuleSource, tsconfigs: Tsconfigs, problems: Problems): void {
  if (selfImport === undefined) return;
  const { specifier, line } = selfImport;
  if (resolveImport(specifier, path, tsconfigs) === path) return;
  const message = `Expected Self to be the type of this file, got that of "${specifier}". Write typeof import('./${basename(path)}').`;
  problems.add(message, 'E_EXPERIMENT', 'error', { file: path, line });
}

function checkParent({ path, extend }: ModuleSource, tsconfigs: Tsconfigs, problems: Problems): void {
  if (extend?.typed === undefined) return;
  const { specifier, typed } = extend;
  const target = resolve(dirname(path), specifier);
  const parent = resolveImport(target, path, tsconfigs) ?? target;
  if (resolveImport(typed.specifier, path, tsconfigs) === parent) return;
  const right = relative(dirname(path), parent).split(sep).join('/');
  const advice = `Write typeof import('${right.startsWith('.') ? right : `./${right}`}').`;
  const message = `Expected the type of extend("${specifier}") to be that of the file it names, got that of "${typed.specifier}". ${advice}`;
  problems.add(message, 'E_EXPERIMENT', 'error', { file: path, line: typed.line });
}

function checkCopies({ path, copies }: ModuleSource, problems: Problems): void {
  for (const line of new Set(copies.map((copy) => copy.line))) {
    const here = copies.filter((copy) => copy.line === line);
    for (const name of new Set(here.map((copy) => copy.name))) {
      const parameters = here.filter((copy) => copy.name === name).map(({ parameter }) => parameter);
      const message = `${name} is computed from ${parameters.join(' and ')} when the module is loaded, and keeps its value when testing() or e.${parameters[0]} = … changes that. Compute it in a function.`;
      problems.add(message, 'E_PARAMETER', 'warning', { file: path, line });
    }
  }
}
