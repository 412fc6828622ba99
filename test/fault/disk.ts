import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A disk of 256 KB; undefined where none can be mounted. */
export function mountDisk(): string | undefined {
  const path = mkdtempSync(join(tmpdir(), 'comex-end-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', path], { stdio: 'pipe' });
    return path;
  } catch (error) {
    console.warn(`No disk was filled, because none can be mounted here: ${(error as Error).message}`);
    rmSync(path, { recursive: true });
    return undefined;
  }
}

export function unmountDisk(path: string | undefined): void {
  if (path === undefined) return;
  execFileSync('umount', [path]);
  rmSync(path, { recursive: true });
}
