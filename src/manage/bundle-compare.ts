import { lstatSync, readlinkSync } from 'node:fs';
import { sha256OfFile } from '../codec/hash.ts';
import type { Unpacked } from './bundle-unpack.ts';
import { walkTree } from './folder-tree.ts';

/** Whether a file or a folder of the archive holds the same files and links as that of a bundle. */
export function isSame(place: string, path: string, unpacked: Unpacked): boolean {
  const { sums, links } = unpacked;
  if (sums.has(place)) return lstatSync(path).isFile() && sums.get(place) === sha256OfFile(path);
  const files = [...sums.keys(), ...links.keys()].filter((name) => name.startsWith(`${place}/`));
  let found = 0;
  for (const { kind } of walkTree(path)) if (kind !== 'folder') found++;
  return found === files.length && firstOther(place, path, unpacked) === undefined;
}

/** The path of the first file or link in a folder of the archive that a bundle has not, or has otherwise. */
export function firstOther(place: string, folder: string, { sums, links }: Unpacked): string | undefined {
  for (const { path, name, kind } of walkTree(folder)) {
    if (kind === 'folder') continue;
    const full = `${place}/${name}`;
    const isEqual =
      kind === 'file'
        ? sums.has(full) && sums.get(full) === sha256OfFile(path)
        : kind === 'link' && links.get(full) === readlinkSync(path);
    if (!isEqual) return path;
  }
  return undefined;
}
