import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach } from 'vitest';
import {
  type AttemptRecord,
  attemptFile,
  FORMAT,
  META_FILE,
  type RunMeta,
  trackFile,
} from '../../src/archive/layout.ts';
import { processIdentity } from '../../src/archive/liveness.ts';
import { encode, encodePretty } from '../../src/codec/json.ts';

const made: string[] = [];

afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A temporary folder that goes away after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'comex-archive-'));
  made.push(folder);
  return folder;
}

export function metaOf(changes: Partial<Record<keyof RunMeta, unknown>> = {}): RunMeta {
  return {
    format: FORMAT,
    comex: '0.1.0',
    id: 'k3v9x2ab',
    name: '2026-01-31__12-00-00__k3v9x2ab',
    namespace: 'vision/digits',
    module: 'experiments/vision/digits.ts',
    root: '/project',
    status: 'done',
    debug: false,
    testing: false,
    attempt: 1,
    startedAt: '2026-01-31T12:00:00.000Z',
    uid: 'u',
    codeHash: 'c',
    parents: [],
    mixins: [],
    hooks: {},
    parameters: {},
    seed: { value: 1, drawn: true },
    argv: [],
    cwd: '/project',
    tags: [],
    snapshot: { hash: '', files: [], skipped: [] },
    inputs: [],
    redacted: [],
    ...changes,
  } as RunMeta;
}

/** A claim of this process. */
export function attemptOf(changes: Partial<AttemptRecord> = {}): AttemptRecord {
  const startedAt = '2026-01-31T12:00:00.000Z';
  return { ...processIdentity(), attempt: 1, startedAt, reason: 'start', ...changes };
}

export function write(folder: string, name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

/** A run folder with nothing but its metadata and, when there is one, a claim. */
export function writeRun(
  folder: string,
  changes: Partial<Record<keyof RunMeta, unknown>> = {},
  attempt?: Partial<AttemptRecord>,
): string {
  write(folder, META_FILE, encodePretty(metaOf(changes)));
  if (attempt !== undefined) write(folder, attemptFile(attempt.attempt ?? 1), encode(attemptOf(attempt)));
  return folder;
}

export function trackHeader(attempt = 1, origin = '2026-01-31T12:00:00.000Z'): string {
  return encode({ format: 1, attempt, origin });
}

/** A track segment; a string is a line as it stands, the last of them without a newline when `torn`. */
export function writeTrack(folder: string, attempt: number, lines: readonly unknown[], torn = false): void {
  const texts = lines.map((line) => (typeof line === 'string' ? line : encode(line)));
  write(folder, trackFile(attempt), texts.join('\n') + (torn ? '' : '\n'));
}

/** What a function throws. */
export function thrown(action: () => unknown): Error & { readonly code?: string } {
  try {
    action();
  } catch (error) {
    return error as Error & { readonly code?: string };
  }
  throw new Error('Expected an error, but nothing was thrown.');
}
