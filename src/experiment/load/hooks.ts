import { readFileSync } from 'node:fs';
import { sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type LoadPlan, parsePinned, pinnedUrl } from './plan.ts';

/**
 * Where a set of hooks stands. `outer` resolves every import of an instance and serves what is ready to run; `inner`
 * stands behind tsx and hands it the rewritten TypeScript.
 */
export type Role = 'outer' | 'inner';

interface Resolved {
  readonly url: string;
  readonly format?: string | null | undefined;
  readonly shortCircuit?: boolean | undefined;
  readonly importAttributes?: Record<string, string> | undefined;
}
interface ResolveContext {
  readonly parentURL?: string | undefined;
}
interface Loaded {
  readonly format: string;
  readonly source?: unknown;
  readonly shortCircuit?: boolean | undefined;
}
type Next<C, R> = (subject: string, context?: C) => R | Promise<R>;

/** The pair of hooks for a role, for use in this thread or in Node's hooks thread. */
export function createHooks(
  role: Role,
  planOf: (id: string) => LoadPlan | undefined,
  onLate: (id: string, path: string) => void,
) {
  const late = new Set<string>();

  function resolve<C extends ResolveContext>(
    specifier: string,
    context: C,
    next: Next<C, Resolved>,
  ): Resolved | Promise<Resolved> {
    const entry = parsePinned(specifier);
    if (entry !== undefined) return ready(entry.path, entry.id);
    const parent = parsePinned(context.parentURL);
    const plan = parent === undefined ? undefined : planOf(parent.id);
    if (parent === undefined || plan === undefined) return next(specifier, context);
    const target = plan.resolved[parent.path]?.[specifier];
    if (target !== undefined && plan.sources[target] !== undefined) return ready(target, plan.id);
    const own = plan.library[specifier];
    if (own !== undefined) return { url: own, format: 'module', shortCircuit: true };
    const found = next(specifier, context);
    return found instanceof Promise ? found.then((result) => pinLate(result, plan)) : pinLate(found, plan);
  }

  function ready(path: string, id: string): Resolved {
    const plan = planOf(id);
    const format = plan?.sources[path]?.format ?? 'module';
    const url = pinnedUrl(path, id);
    return { url, format, shortCircuit: true, ...(format === 'json' ? { importAttributes: { type: 'json' } } : {}) };
  }

  /** A project module that no source named (a computed import) still belongs to the instance that imports it. */
  function pinLate(result: Resolved, plan: LoadPlan): Resolved {
    if (!result.url.startsWith('file:') || result.url.includes(`${sep}node_modules${sep}`)) return result;
    const url = new URL(result.url);
    const path = fileURLToPath(url);
    if (!/\.m?[jt]sx?$/.test(path) || path.includes(`${sep}node_modules${sep}`)) return result;
    const planned = plan.sources[path];
    if (planned === undefined) {
      if (!isModule(path)) return result;
      if (!late.has(path)) {
        late.add(path);
        onLate(plan.id, path);
      }
    }
    return { ...result, url: pinnedUrl(path, plan.id), format: planned?.format ?? 'module' };
  }

  function load<C>(url: string, context: C, next: Next<C, Loaded>): Loaded | Promise<Loaded> {
    const pinned = parsePinned(url);
    const plan = pinned === undefined ? undefined : planOf(pinned.id);
    const source = plan === undefined ? undefined : plan.sources[pinned!.path];
    if (plan === undefined || source === undefined) return next(url, context);
    const compiled = !plan.tsx || source.format === 'json';
    if (role === 'outer' && !compiled) return next(url, context);
    return { ...source, shortCircuit: true };
  }

  return { resolve: role === 'outer' ? resolve : undefined, load };
}

function isModule(path: string): boolean {
  try {
    return /^\s*(import|export)\b/m.test(readFileSync(path, 'utf8'));
  } catch {
    return false; // left to the loader, which says what is wrong with it
  }
}
