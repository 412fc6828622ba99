import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll } from 'vitest';
import { encode } from '../../src/codec/json.ts';

const made: string[] = [];
afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true });
});

/** A folder that goes when the tests of the file have ended. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'comex-cli-'));
  made.push(folder);
  return folder;
}

/** A run folder as a run leaves it. Returns its path. */
export function writeRun(
  results: string,
  id: string,
  meta: Readonly<Record<string, unknown>> = {},
  files: Readonly<Record<string, string>> = {},
): string {
  const namespace = String(meta.namespace ?? 'digits');
  const name = `2026-01-31__12-00-00__${id}`;
  const folder = join(results, namespace.replace(/[^a-z/]/g, '_').slice(0, 40), name);
  const all = {
    'experiment_meta.json': encode({ ...META, id, name, namespace, ...meta }),
    ...files,
  };
  for (const [path, text] of Object.entries(all)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

export const STARTED = Date.parse('2026-01-31T12:00:00.000Z');

const META = {
  format: 1,
  comex: '0.1.0',
  module: 'experiments/digits.ts',
  root: '/project',
  status: 'done',
  debug: false,
  testing: false,
  attempt: 1,
  startedAt: '2026-01-31T12:00:00.000Z',
  endedAt: '2026-01-31T12:03:05.000Z',
  durationMs: 185_000,
  uid: 'u',
  codeHash: 'c',
  parents: [],
  mixins: [],
  hooks: {},
  parameters: {},
  seed: { value: 42, drawn: true },
  argv: ['run', 'experiments/digits.ts'],
  cwd: '/project',
  tags: [],
  snapshot: { hash: 'h', files: [], skipped: [] },
  inputs: [],
  redacted: [],
};
