import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readAttempt } from '../../src/archive/attempts.ts';
import { META_FILE } from '../../src/archive/layout.ts';
import { judge, readJudged } from '../../src/archive/liveness.ts';
import { machineIdentity } from '../../src/archive/process.ts';
import { readMeta } from '../../src/archive/read-meta.ts';
import { Project } from '../durability/processes.ts';

const BIN = fileURLToPath(new URL('../../dist/bin.js', import.meta.url));
const BLOCKED = `export default (e: any) => { e.log('blocked'); for (;;) {} };`;

/** What was seen of a run that never yields. */
export interface BlockedReport {
  /** How often it was looked at. */
  readonly looks: number;
  /** The oldest heartbeat that was seen, in ms. */
  readonly oldestMs: number;
  /** From its SIGKILL to a reader that says so, in ms. */
  readonly killedMs: number;
  readonly problems: readonly string[];
}

/** Lets a run block its event loop for a time in ms, and looks at it four times a second: as this host and as another. */
export async function watchBlocked(duration: number): Promise<BlockedReport> {
  const project = new Project({ 'experiments/main.ts': BLOCKED });
  const problems = new Set<string>();
  const child = spawn(process.execPath, [BIN, 'run', 'main', '--quiet'], { cwd: project.root, stdio: 'ignore' });
  try {
    const folder = await firstRun(project.results);
    const elsewhere = { ...machineIdentity(), host: 'elsewhere.example', probe: () => ({ alive: false }) as const };
    let looks = 0;
    let oldestMs = 0;
    for (const end = performance.now() + duration; performance.now() < end; looks++) {
      const { record, heartbeatMs } = readAttempt(folder, 1)!;
      oldestMs = Math.max(oldestMs, Date.now() - heartbeatMs);
      const there = judge(readMeta(folder), record, heartbeatMs, Date.now(), elsewhere);
      for (const [who, { status, evidence }] of Object.entries({ here: readJudged(folder), there })) {
        if (status !== 'running') problems.add(`seen from ${who} the run is ${status}: ${evidence}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    const killed = performance.now();
    while (readJudged(folder).status !== 'killed' && performance.now() - killed < 10_000)
      await new Promise((resolve) => setTimeout(resolve, 1));
    const killedMs = performance.now() - killed;
    if (killedMs > 1000) problems.add(`that it was killed was seen after ${killedMs.toFixed(0)} ms`);
    await ended;
    return { looks, oldestMs, killedMs, problems: [...problems] };
  } finally {
    child.kill('SIGKILL');
    project.remove();
  }
}

/** Waits until a run has begun. */
async function firstRun(results: string): Promise<string> {
  const namespace = join(results, 'main');
  for (;;) {
    const [name] = existsSync(namespace) ? readdirSync(namespace) : [];
    if (name !== undefined && existsSync(join(namespace, name, META_FILE))) return join(namespace, name);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
