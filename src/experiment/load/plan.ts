import { fileURLToPath, pathToFileURL } from 'node:url';

/** How the files of one instance of an experiment are found and served: plain data, so that it can cross threads. */
export interface LoadPlan {
  /** Names the instance in the URLs of its modules: `file:///…/foo.ts?comex=<id>`. */
  readonly id: string;
  /** Whether tsx compiles the sources; otherwise they are JavaScript already. */
  readonly tsx: boolean;
  /** What is served for each file, by absolute path. Files that are not here load as Node loads them. */
  readonly sources: Readonly<Record<string, { readonly format: 'module' | 'json'; readonly source: string }>>;
  /** Resolved imports: by importing path, then specifier. */
  readonly resolved: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** URLs of comex's own entry points, by specifier: an experiment gets the copy that runs it. */
  readonly library: Readonly<Record<string, string>>;
}

const MARK = 'comex';

/** The URL under which an instance loads a file. */
export function pinnedUrl(path: string, id: string): string {
  const url = pathToFileURL(path);
  url.searchParams.set(MARK, id);
  return url.href;
}

/** Instance and path of a pinned URL; undefined for any other. */
export function parsePinned(url: string | undefined): { readonly id: string; readonly path: string } | undefined {
  if (url === undefined || !url.startsWith('file:') || !url.includes(`${MARK}=`)) return undefined;
  const parsed = new URL(url);
  const id = parsed.searchParams.get(MARK);
  return id === null ? undefined : { id, path: fileURLToPath(parsed) };
}

/** A stack or message in which pinned URLs read as the user's own paths. */
export function unpinned(text: string): string {
  return text
    .replace(/file:\/\/(\/[^\s()]*?)\?comex=\w+/g, (_, path: string) => decodeURI(path))
    .replace(/\?comex=\w+/g, '');
}
