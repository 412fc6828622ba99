import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PACKAGE } from '../project.ts';

const DIST = join(PACKAGE, 'dist');

/** The files that are read with one of dist/, because they are imported by statements. */
function readWith(entries: readonly RegExp[]): string[] {
  const names = readdirSync(DIST);
  const todo = names.filter((name) => entries.some((entry) => entry.test(name)));
  const seen = new Set<string>();
  for (let name = todo.pop(); name !== undefined; name = todo.pop()) {
    if (seen.has(name)) continue;
    seen.add(name);
    const text = readFileSync(join(DIST, name), 'utf8');
    for (const [, path] of text.matchAll(/(?:from|import) ?"\.\/([\w.-]+\.js)"/g)) todo.push(path!);
  }
  return [...seen].sort();
}

/** Files are what a start takes time for: a new entry that is not named in scripts/layers.mjs makes dozens of them. */
describe('the built package', () => {
  it('reads few files to run an experiment', () => {
    const files = readWith([/^bin\.js$/, /^cli\.js$/, /^run-\w+\.js$/, /^perform-/, /^run-panels-/]);
    expect(files).toContain('cli.js');
    expect(files.length).toBeGreaterThan(6);
    expect(files.length).toBeLessThanOrEqual(16);
  });

  it('reads few files to list an archive, and none of what runs experiments', () => {
    const files = readWith([/^bin\.js$/, /^cli\.js$/, /^archive-commands-/]);
    expect(files.length).toBeLessThanOrEqual(8);
    for (const file of files) expect(readFileSync(join(DIST, file), 'utf8')).not.toContain('oxc-');
  });
});
