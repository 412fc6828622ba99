import type { LOCK_FILES } from './environment.ts';

/** What a lock file says of a direct dependency. */
export interface Locked {
  /** The range that it was locked for, where the file tells. */
  readonly range?: string | undefined;
  readonly version?: string | undefined;
  /** Whether it is a folder elsewhere. */
  readonly isLink?: boolean;
}

/** Looks up a dependency of the project by its name and its range in package.json. */
type Lookup = (name: string, range: string) => Locked | undefined;

type Json = Readonly<Record<string, unknown>>;
const KINDS = ['dependencies', 'devDependencies', 'optionalDependencies'] as const;

/** Reads a lock file of npm, pnpm, yarn or bun. @throws what its parser does */
export async function readLock(name: (typeof LOCK_FILES)[number], text: string): Promise<Lookup> {
  if (name === 'pnpm-lock.yaml') return await pnpm(text);
  if (name === 'yarn.lock') return yarn(text);
  // Its JSON has a comma behind the last entry.
  if (name === 'bun.lock') return bun(JSON.parse(text.replace(/,(?=\s*[}\]])/g, '')) as Json);
  return npm(JSON.parse(text) as Json);
}

function npm(lock: Json): Lookup {
  const packages = inside(lock, 'packages');
  const former = inside(lock, 'dependencies');
  return (name) => {
    const range = rangeIn(inside(packages, ''), name);
    const found = inside(packages, `node_modules/${name}`);
    const { version, link } = (Object.keys(found).length > 0 ? found : inside(former, name)) as {
      version?: string;
      link?: boolean;
    };
    return range === undefined && version === undefined ? undefined : { range, version, isLink: link === true };
  };
}

async function pnpm(text: string): Promise<Lookup> {
  const { parse } = await import('yaml');
  const lock = Object(parse(text)) as Json;
  const project = 'importers' in lock ? inside(inside(lock, 'importers'), '.') : lock;
  return (name) => {
    for (const kind of KINDS) {
      const entry = inside(project, kind)[name] as string | { specifier?: string; version?: string } | undefined;
      if (entry === undefined) continue;
      const own = typeof entry === 'string' ? entry : (entry.version ?? '');
      const range = typeof entry === 'string' ? inside(project, 'specifiers')[name] : entry.specifier;
      // Behind the version may stand those of the packages that it was installed with.
      const version = /^\d[^(_]*/.exec(own)?.[0];
      return { range: range as string | undefined, version, isLink: own.startsWith('link:') };
    }
    return undefined;
  };
}

function yarn(text: string): Lookup {
  const versions = new Map<string, string | undefined>();
  let keys: string[] = [];
  for (const line of text.split(/\r?\n/)) {
    const version = /^ {2}version:? "?([^"]+)"?$/.exec(line)?.[1];
    if (version !== undefined) for (const key of keys) versions.set(key, version);
    if (!/^["\w@].*:$/.test(line)) continue;
    keys = line
      .slice(0, -1)
      .split(',')
      .map((key) => key.trim().replace(/^"|"$/g, ''));
    for (const key of keys) versions.set(key, undefined);
  }
  return (name, range) => {
    const key = [`${name}@${range}`, `${name}@npm:${range}`].find((each) => versions.has(each));
    return key === undefined ? undefined : { version: versions.get(key) };
  };
}

function bun(lock: Json): Lookup {
  const project = inside(inside(lock, 'workspaces'), '');
  const packages = inside(lock, 'packages');
  return (name) => {
    const range = rangeIn(project, name);
    if (range === undefined) return undefined;
    const [own] = (packages[name] ?? []) as readonly unknown[];
    const version = typeof own === 'string' ? own.slice(own.lastIndexOf('@') + 1) : undefined;
    return { range, version, isLink: version?.startsWith('workspace:') === true };
  };
}

function rangeIn(project: Json, name: string): string | undefined {
  const kind = KINDS.find((each) => name in inside(project, each));
  return kind === undefined ? undefined : String(inside(project, kind)[name]);
}

function inside(object: Json, key: string): Json {
  return Object(object[key]) as Json;
}
