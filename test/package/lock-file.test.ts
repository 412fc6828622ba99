import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PACKAGE } from '../project.ts';
import { readJson } from './installed-project.ts';

interface Locked {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const { packages } = readJson<{ packages: Readonly<Record<string, Locked>> }>(PACKAGE, 'package-lock.json');

describe('the lock file', () => {
  it('holds every package of every platform, so that `npm ci` works on each', () => {
    const missing = Object.entries(packages).flatMap(([place, { dependencies, optionalDependencies }]) =>
      Object.entries({ ...dependencies, ...optionalDependencies })
        .filter(([name, range]) => {
          const found = versionFor(place, name);
          return found === undefined || (/^\d/.test(range) && found !== range);
        })
        .map(([name, range]) => `${place} needs ${name} ${range}`),
    );
    expect(missing).toEqual([]);
  });

  it('says the hash of every package, and names no registry', () => {
    const { '': _, ...installed } = packages;
    for (const { integrity, resolved } of Object.values(installed)) {
      expect(integrity).toMatch(/^sha512-/);
      expect(resolved).toBeUndefined();
    }
  });

  it('is of the versions that package.json asks for', () => {
    const { devDependencies, dependencies } = readJson<Locked & { devDependencies: object }>(PACKAGE, 'package.json');
    expect(packages['']).toMatchObject({ dependencies, devDependencies });
  });
});

/** The version that a package gets when it asks for another: the nearest above it. */
function versionFor(place: string, name: string): string | undefined {
  for (let folder = place; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    const found = packages[join(folder, 'node_modules', name).replaceAll('\\', '/')];
    if (found !== undefined || folder === '') return found?.version;
  }
}
