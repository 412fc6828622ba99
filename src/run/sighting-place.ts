import { relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { unpinned } from '../experiment/load/plan.ts';

/** Who has called a function. */
export interface Caller {
  /** The package that it was, if the project did not call itself. */
  readonly through?: string;
  /** Whether code of the project is above it. */
  readonly isInProject: boolean;
}

/** Frames that are looked at. */
const FRAMES = 60;
/** Packages that load the code of the project. */
const LOADERS = new Set(['comex', 'tsx', 'esbuild', 'get-tsconfig', 'oxc-parser', 'oxc-transform']);
const OWN = new URL('.', import.meta.url).href;
const PACKAGE = /^.*[\\/]node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)/;

/** Whose code is nearest above a function; undefined for comex and Node itself. */
export function callerOf(above: (...args: never[]) => unknown): Caller | undefined {
  const { prepareStackTrace, stackTraceLimit } = Error;
  const holder: { stack?: unknown } = {};
  let names: readonly string[];
  try {
    Error.stackTraceLimit = FRAMES;
    Error.prepareStackTrace = (_, sites) => sites.map((site) => site.getFileName() ?? '');
    Error.captureStackTrace(holder, above);
    names = holder.stack as readonly string[];
  } finally {
    Error.prepareStackTrace = prepareStackTrace;
    Error.stackTraceLimit = stackTraceLimit;
  }
  let through: string | undefined;
  for (const name of names) {
    const owner = ownerOf(name);
    if (owner === undefined) continue;
    if (owner === 'project') return through === undefined ? { isInProject: true } : { through, isInProject: true };
    // What comex does, also by its packages, is no matter of the run.
    if (owner === 'comex') return undefined;
    through ??= owner.package;
  }
  return through === undefined ? undefined : { through, isInProject: false };
}

/** The nearest place of the calling code in the project, as `experiments/x.ts:12`; sources as they were written. */
export function placeOf(root: string): string | undefined {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = FRAMES;
  const { stack = '' } = new Error('here');
  Error.stackTraceLimit = stackTraceLimit;
  for (const line of stack.split('\n')) {
    const [, file, number] =
      /^\s+at (?:.*? \()?((?:file:\/\/|\/|[A-Za-z]:[\\/]).*?):(\d+)(?::\d+)?\)?$/.exec(line) ?? [];
    if (file === undefined || ownerOf(file) !== 'project') continue;
    const path = unpinned(file).replace(/^file:\/\/.*$/, (url) => fileURLToPath(url));
    return `${relative(root, path).split(sep).join('/')}:${number}`;
  }
  return undefined;
}

/** Whose a file is; undefined for Node's own, and for code that is in none. */
function ownerOf(name: string): 'project' | 'comex' | { readonly package: string } | undefined {
  if (name === '' || name.startsWith('node:') || !/^(?:file:|\/|[A-Za-z]:[\\/])/.test(name)) return undefined;
  const isOwn = name.startsWith(OWN) || name.startsWith(OWN_PATH);
  if (isOwn) return 'comex';
  const found = PACKAGE.exec(name)?.[1]?.replaceAll('\\', '/');
  if (found === undefined) return 'project';
  return LOADERS.has(found) ? 'comex' : { package: found };
}

const OWN_PATH = fileURLToPath(OWN);
