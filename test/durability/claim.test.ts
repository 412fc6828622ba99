import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readAttempt } from '../../src/archive/attempts.ts';
import type { AttemptRecord } from '../../src/archive/layout.ts';
import { processIdentity } from '../../src/archive/liveness.ts';
import { loadRun } from '../../src/archive/load.ts';
import { Claim } from '../../src/run/claim.ts';
import { Project } from './processes.ts';

const RECORD: AttemptRecord = {
  attempt: 1,
  ...processIdentity(),
  startedAt: new Date(0).toISOString(),
  reason: 'start',
};
const END = { status: 'failed', endedAt: new Date(1000).toISOString() } as const;

let folder: string;
let project: Project | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'comex-claim-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
  project?.remove();
});

describe('Claim', () => {
  it('is read while it holds its reserve, after that, and with the end of the attempt', () => {
    const claim = new Claim(folder, RECORD);
    claim.rest();
    expect(readAttempt(folder, 1)?.record).toEqual(RECORD);
    expect(statSync(claim.path).size).toBeGreaterThan(32 * 1024);
    claim.release();
    expect(readAttempt(folder, 1)?.record).toEqual(RECORD);
    expect(statSync(claim.path).size).toBeLessThan(1024);
    claim.end(END);
    expect(readAttempt(folder, 1)?.record).toEqual({ ...RECORD, outcome: END });
  });

  it('never gives back what its end is written in', () => {
    const claim = new Claim(folder, RECORD);
    claim.rest();
    claim.end(END);
    const text = readFileSync(claim.path, 'utf8');
    claim.release();
    expect(readFileSync(claim.path, 'utf8')).toBe(text);
  });

  it('is refused to whoever comes second, and stays as it is', () => {
    new Claim(folder, RECORD).rest();
    expect(() => new Claim(folder, { ...RECORD, reason: 'second' })).toThrow(/exists already.*EEXIST/);
    expect(readAttempt(folder, 1)?.record?.reason).toBe('start');
    expect(readdirSync(join(folder, 'attempts'))).toEqual(['1.json']);
  });

  it('is made without links where the file system has none', async () => {
    project = new Project({ 'experiments/main.ts': 'export default () => 1;' });
    const words = ['run', 'experiments/main.ts', '--quiet'];
    const { calls } = await project.startFaulty(words, { mode: 'none', at: 0 });
    project.clear();
    const at = calls.findIndex((call) => call.startsWith('linkSync')) + 1;
    const { code, stderr } = await project.startFaulty(words, { mode: 'error', at, code: 'EPERM' });
    expect([code, stderr]).toEqual([0, '']);
    const [name] = readdirSync(join(project.results, 'main'));
    const run = loadRun(join(project.results, 'main', name!));
    expect(run.status).toBe('done');
    expect(existsSync(join(run.path, 'attempts/1.json'))).toBe(true);
    expect(readdirSync(join(run.path, 'attempts'))).toEqual(['1.json']);
  });
});
