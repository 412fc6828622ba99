import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** The paths that a `tree` block shows below its first line, sorted: each before two spaces and a remark. */
export function shownFiles(text: string): string[] {
  const lines = text.trimEnd().split('\n').slice(1);
  return lines.map((line) => line.trim().split(/ {2,}/)[0]!).sort();
}

/** What the only run folder below a folder holds, with folders of one file as `folder/file`. */
export function filesOf(folder: string): string[] {
  const [name, ...others] = readdirSync(folder);
  if (name === undefined || others.length > 0) throw new Error(`Expected one run folder in ${folder}.`);
  const entries = readdirSync(join(folder, name), { withFileTypes: true });
  const shown = entries.map((entry) => {
    if (!entry.isDirectory()) return entry.name;
    const inside = readdirSync(join(folder, name, entry.name));
    return inside.length === 1 ? `${entry.name}/${inside[0]}` : `${entry.name}/`;
  });
  return shown.sort();
}
