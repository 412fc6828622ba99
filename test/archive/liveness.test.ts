import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { attemptNumbers, readAttempt } from '../../src/archive/attempts.ts';
import { attemptFile, META_FILE } from '../../src/archive/layout.ts';
import {
  judge,
  type Observer,
  type ProcessFacts,
  processIdentity,
  readJudged,
  statusOf,
} from '../../src/archive/liveness.ts';
import { parsePs, probeProcess } from '../../src/archive/process.ts';
import { readMeta } from '../../src/archive/read-meta.ts';
import { encode } from '../../src/codec/json.ts';
import { attemptOf, metaOf, temporaryFolder, write, writeRun } from './run-folder.ts';

const now = Date.parse('2026-01-31T13:00:00.000Z');
const running = metaOf({ status: 'running', startedAt: '2026-01-31T12:00:00.000Z' });
const claim = attemptOf({ host: 'here', bootId: 'boot-1', pid: 1234, processStart: '500', pidNamespace: '1' });

function observer(
  facts: ProcessFacts = { alive: true, state: 'S', start: '500' },
  changes: Partial<Observer> = {},
): Observer {
  return { host: 'here', bootId: 'boot-1', pidNamespace: '1', probe: () => facts, ...changes };
}

describe('judging', () => {
  test('a status that the run wrote at its end stands, whatever the process does', () => {
    for (const status of ['done', 'failed', 'queued', 'pruned'] as const) {
      expect(judge(metaOf({ status }), claim, 0, now, observer({ alive: false })).status).toBe(status);
    }
  });

  test.each<[string, ProcessFacts, string, string]>([
    ['a live process runs', { alive: true, state: 'S', start: '500' }, 'running', 'process 1234 is alive'],
    ['a process in uninterruptible sleep runs', { alive: true, state: 'D', start: '500' }, 'running', 'is alive'],
    ['a process that cannot be looked at runs', { alive: true }, 'running', 'is alive'],
    ['a stopped process runs', { alive: true, state: 'T', start: '500' }, 'running', 'process 1234 is stopped'],
    ['a traced process runs', { alive: true, state: 't', start: '500' }, 'running', 'is stopped'],
    ['a process that is gone was killed', { alive: false }, 'killed', 'process 1234 is gone'],
    ['a zombie was killed', { alive: true, state: 'Z', start: '500' }, 'killed', 'dead'],
    ['a dead process was killed', { alive: true, state: 'X', start: '500' }, 'killed', 'dead'],
    ['a pid that was given away was killed', { alive: true, state: 'S', start: '501' }, 'killed', 'another one'],
  ])('%s', (_title, facts, status, evidence) => {
    const judged = judge(running, claim, undefined, now, observer(facts));
    expect(judged.status).toBe(status);
    expect(judged.evidence).toContain(evidence);
  });

  test('a copy that was made while the run went on is no live run, wherever that goes on', () => {
    const copied = '2026-01-31T12:30:00.000Z';
    for (const host of ['here', 'there']) {
      const judged = judge(running, { ...claim, host, copied }, now, now, observer());
      expect(judged).toEqual({ status: 'killed', evidence: `copied while it ran, at ${copied}` });
    }
  });

  test('on the same host an old heartbeat proves nothing: the event loop may be blocked', () => {
    expect(judge(running, claim, now - 3_600_000, now, observer()).status).toBe('running');
  });

  test('a restart of the machine killed the run', () => {
    const judged = judge(running, claim, now, now, observer(undefined, { bootId: 'boot-2' }));
    expect(judged).toEqual({ status: 'killed', evidence: 'the machine here was restarted since' });
  });

  test('where there is no boot id the process decides', () => {
    const elsewhere = observer({ alive: false }, { bootId: null });
    expect(judge(running, { ...claim, bootId: null }, now, now, elsewhere).status).toBe('killed');
  });

  test('where only the wall-clock start is known, a much younger process is another one', () => {
    const unknown = { ...claim, processStart: null };
    const begun = Date.parse(claim.startedAt);
    expect(judge(running, unknown, 0, now, observer({ alive: true, startedMs: begun - 1000 })).status).toBe('running');
    expect(judge(running, unknown, 0, now, observer({ alive: true, startedMs: begun + 30_000 })).status).toBe(
      'running',
    );
    expect(judge(running, unknown, 0, now, observer({ alive: true, startedMs: begun + 600_000 })).status).toBe(
      'killed',
    );
  });

  test.each([
    ['another host', { host: 'there', bootId: 'boot-9' }],
    ['another container', { pidNamespace: '2' }],
    ['a container seen from a system without namespaces', { pidNamespace: null }],
  ])('from %s only the heartbeat counts, and it never says killed', (_title, changes) => {
    const far = observer({ alive: false }, changes);
    expect(judge(running, claim, now - 119_000, now, far)).toMatchObject({ status: 'running' });
    expect(judge(running, claim, now - 121_000, now, far)).toMatchObject({ status: 'stalled' });
    expect(judge(running, claim, now + 60_000, now, far)).toMatchObject({ status: 'running' });
    expect(judge(running, claim, undefined, now, far)).toMatchObject({ status: 'stalled' });
    expect(judge(running, claim, now - 7_200_000, now, far).evidence).toContain('last heartbeat was 2 h ago');
  });

  test('a run without a claim has only just begun, or is stalled', () => {
    const begun = Date.parse(running.startedAt);
    expect(judge(running, undefined, undefined, begun + 9_000, observer()).status).toBe('running');
    expect(judge(running, undefined, undefined, begun + 11_000, observer()).status).toBe('stalled');
  });

  test('an attempt that wrote its outcome and died before the metadata has that outcome', () => {
    const ended = { ...claim, outcome: { status: 'failed', endedAt: running.startedAt } } as const;
    expect(judge(running, ended, now, now, observer({ alive: false })).status).toBe('failed');
  });
});

describe('identity', () => {
  test('this process is described by what the system says of it', () => {
    const self = processIdentity();
    expect(self).toMatchObject({ host: hostname(), pid: process.pid });
    if (process.platform === 'linux') {
      expect(self.bootId).toMatch(/^[0-9a-f-]{36}$/);
      expect(self.processStart).toMatch(/^\d+$/);
      expect(self.pidNamespace).toMatch(/^\d+$/);
    }
  });

  test('what ps prints gives the state and the start', () => {
    expect(parsePs('Ss+  Sat Nov 21 12:33:00 2026\n')).toEqual({
      state: 'S',
      startedMs: new Date(2026, 10, 21, 12, 33).getTime(),
    });
    expect(parsePs('')).toEqual({});
  });
});

const children: ChildProcess[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

function start(command: string, args: readonly string[]): ChildProcess & { readonly pid: number } {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'ignore'] });
  children.push(child);
  return child as ChildProcess & { readonly pid: number };
}

/** A run folder that says that the process works on it, claimed as the process itself would. */
function runOf(pid: number): string {
  const facts = probeProcess(pid);
  const processStart = facts.alive ? (facts.start ?? null) : null;
  return writeRun(temporaryFolder(), { status: 'running' }, { pid, processStart, startedAt: new Date().toISOString() });
}

async function until(condition: () => boolean): Promise<void> {
  const end = Date.now() + 10_000;
  while (!condition()) {
    if (Date.now() > end) throw new Error('Expected the state to come within 10 s.');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe('real processes', () => {
  test('a living process runs, a stopped one runs, and a killed one is killed', async () => {
    const child = start('sleep', ['60']);
    const folder = runOf(child.pid);
    const status = () => readJudged(folder);
    expect(status()).toMatchObject({ status: 'running', evidence: `process ${child.pid} is alive` });
    child.kill('SIGSTOP');
    await until(() => status().evidence.includes('stopped'));
    expect(status().status).toBe('running');
    child.kill('SIGKILL');
    await once(child, 'exit');
    await until(() => status().status === 'killed');
    expect(status().evidence).toBe(`process ${child.pid} is gone`);
  });

  test('a zombie, which still has a pid, is killed', async () => {
    // The shell becomes a program that never asks for the end of the child that the shell had started.
    const parent = start('sh', ['-c', 'sleep 60 & echo $!; exec sleep 60']);
    const [output] = (await once(parent.stdout!, 'data')) as [Buffer];
    const pid = Number(String(output));
    const folder = runOf(pid);
    expect(readJudged(folder).status).toBe('running');
    await until(() => readFileSync(`/proc/${parent.pid}/comm`, 'utf8') === 'sleep\n');
    process.kill(pid, 'SIGKILL');
    await until(() => readJudged(folder).status === 'killed');
    expect(probeProcess(pid)).toMatchObject({ alive: true, state: 'Z' });
  });

  test('a process with the pid but another start is another one', () => {
    const folder = writeRun(temporaryFolder(), { status: 'running' }, { processStart: '1' });
    expect(readJudged(folder)).toMatchObject({
      status: 'killed',
      evidence: `process ${process.pid} is another one by now`,
    });
  });
});

describe('run folders', () => {
  test('the heartbeat of another host is the modification time of its claim', () => {
    const folder = writeRun(temporaryFolder(), { status: 'running' }, { host: 'elsewhere.example' });
    expect(statusOf(folder, readMeta(folder)).status).toBe('running');
    const old = new Date(Date.now() - 300_000);
    utimesSync(join(folder, attemptFile(1)), old, old);
    expect(statusOf(folder, readMeta(folder)).status).toBe('stalled');
  });

  test('the latest claim counts, also the tenth', () => {
    const folder = writeRun(temporaryFolder(), { status: 'running' }, { attempt: 9, processStart: '1' });
    expect(readJudged(folder).status).toBe('killed');
    write(folder, attemptFile(10), encode(attemptOf({ attempt: 10 })));
    expect(readJudged(folder).status).toBe('running');
    write(folder, 'attempts/notes.txt', '');
    expect(attemptNumbers(folder)).toEqual([9, 10]);
  });

  test.each(['', '{"pid":', 'null', '{"pid":-1,"host":"h","startedAt":"x"}', '{"pid":0,"host":"h","startedAt":"x"}'])(
    'a claim that holds %j is no evidence of a process',
    (text) => {
      const folder = writeRun(temporaryFolder(), { status: 'running' });
      const path = write(folder, attemptFile(1), text);
      expect(readAttempt(folder, 1)).not.toHaveProperty('record');
      expect(readJudged(folder).status).toBe('running');
      utimesSync(path, 0, 0);
      expect(readJudged(folder).status).toBe('stalled');
    },
  );

  test('a run that ends between the two looks is not called killed', () => {
    const folder = writeRun(temporaryFolder(), { status: 'running' }, { processStart: '1' });
    const before = readMeta(folder);
    writeFileSync(join(folder, META_FILE), encode(metaOf({ status: 'done' })));
    expect(statusOf(folder, before).status).toBe('done');
  });

  test('looking changes nothing in the folder', () => {
    const folder = writeRun(temporaryFolder(), { status: 'running' }, { processStart: '1' });
    const before = readFileSync(join(folder, META_FILE), 'utf8') + readFileSync(join(folder, attemptFile(1)), 'utf8');
    readJudged(folder);
    expect(readFileSync(join(folder, META_FILE), 'utf8') + readFileSync(join(folder, attemptFile(1)), 'utf8')).toBe(
      before,
    );
  });
});
