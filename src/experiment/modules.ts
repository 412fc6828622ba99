import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Folders below `experiments/` in which no experiment is looked for. */
export const SKIPPED: ReadonlySet<string> = new Set(['node_modules', 'results', 'dist', 'data', 'templates', 'mixins']);

/**
 * The modules and YAML experiments below a folder, sorted; nothing when the folder does not exist.
 *
 * @param also Folders to look into that are passed over else: `templates`, `mixins`.
 */
export function listModules(folder: string, also: readonly string[] = []): string[] {
  const found: string[] = [];
  const walk = (path: string): void => {
    let entries: ReturnType<typeof readEntries>;
    try {
      entries = readEntries(path);
    } catch {
      return; // a folder that cannot be read has no experiments to offer
    }
    for (const entry of entries) {
      if (entry.isDirectory()) {
        const isSkipped = entry.name.startsWith('.') || (SKIPPED.has(entry.name) && !also.includes(entry.name));
        if (!isSkipped) walk(join(path, entry.name));
      } else if (entry.isFile() && /(?<!\.d)\.(m?[jt]s|ya?ml)$/.test(entry.name)) found.push(join(path, entry.name));
    }
  };
  walk(folder);
  return found.sort();
}

function readEntries(path: string) {
  return readdirSync(path, { withFileTypes: true });
}
