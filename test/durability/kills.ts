import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { loadRun } from '../../src/archive/load.ts';
import { fileProblems, listed, lostAcks, readingProblems, runFolders } from './check.ts';
import { type Ack, Project } from './processes.ts';
import { SeededRandom } from './random.ts';

/** How old a point may be that a block held when the process was killed, in ms. */
const BLOCK_MS = 5;
/** How long after its start a run is killed at the latest, in ms. */
const LATEST = 1200;

const HEAD = `import { writeSync } from 'node:fs';
const ack = (...what: unknown[]): void => void writeSync(3, \`\${JSON.stringify(what)}\\n\`);
const sleep = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));
`;

/**
 * Two thousand points a second, a log line, a datum and a row for every twentieth; each acknowledged. Held up by a full
 * pipe or a busy machine, it does not make up for the time: that would be a burst of more than a thousand.
 */
const STEADY = `${HEAD}export default async (e: any) => {
  let start = performance.now();
  const grown: number[] = [];
  for (let i = 0; ; i++) {
    e.track('loss', i / 7); ack('point', 'loss', i / 7);
    if (i % 20 === 0) {
      e.log('line', i, '.'); ack('log', \`line \${i} .\`);
      e['a/last'] = i; ack('datum', 'a/last', i);
      grown.push(i);
      e['a/grown'] = grown; ack('datum', 'a/grown', grown);
      e.record('cases', { i }); ack('row', 'cases', { i });
    }
    while ((performance.now() - start) * 2 < i) await sleep(1);
    const late = (performance.now() - start) * 2 - i;
    if (late > 500) start += late / 2;
  }
};
`;

/** As fast as it goes, without a turn of the event loop; every hundredth point is acknowledged with its time. */
const FAST = `${HEAD}export default (e: any) => {
  for (let i = 0; ; i++) {
    e.track('fast', i);
    if (i % 100 === 0) ack('fast', i, performance.now());
  }
};
`;

/** Bursts beyond the budget with a turn of the event loop between them, in which the time goes on. */
const BURSTS = `${HEAD}export default async (e: any) => {
  for (let i = 0; ; ) {
    for (const end = i + 5000; i < end; i++) e.track('fast', i);
    ack('fast', i - 1, performance.now());
    for (let turns = 0; turns < 10; turns++) { await sleep(2); ack('fast', i - 1, performance.now()); }
  }
};
`;

const SOURCES = { steady: STEADY, fast: FAST, bursts: BURSTS };
export type Pace = keyof typeof SOURCES;

/** What the kills have shown. */
export interface KillReport {
  kills: number;
  /** Killed before there was a run. */
  early: number;
  acks: number;
  /** Points that a block held and that died with the process, at most, and the age of the oldest, in ms. */
  lostInBlock: number;
  oldestLostMs: number;
  readonly problems: string[];
}

/** Kills so many runs, each at a random moment, and reads back what is left. */
export async function killRuns(
  kills: number,
  seed: number,
  paces: readonly Pace[],
  onKill: (report: KillReport) => void = () => {},
): Promise<KillReport> {
  const random = new SeededRandom(seed);
  const report: KillReport = { kills: 0, early: 0, acks: 0, lostInBlock: 0, oldestLostMs: 0, problems: [] };
  const plan = Array.from({ length: kills }, (_, i) => ({ pace: paces[i % paces.length]!, after: random.next() }));
  const lane = async (): Promise<void> => {
    for (let next = plan.pop(); next !== undefined; next = plan.pop()) {
      await killOne(next.pace, next.after, report);
      report.kills += 1;
      onKill(report);
    }
  };
  await Promise.all([lane(), lane()]);
  return report;
}

async function killOne(pace: Pace, moment: number, report: KillReport): Promise<void> {
  const project = new Project({ 'experiments/main.ts': SOURCES[pace] });
  try {
    const { child, ended } = project.start(['run', 'experiments/main.ts', '--quiet']);
    // One in ten dies while it starts; the others once they have begun to acknowledge.
    if (moment > 0.1) await firstAck(child);
    await new Promise((done) => setTimeout(done, moment > 0.1 ? LATEST * moment ** 2 : 2000 * moment));
    child.kill('SIGKILL');
    const { acks, signal, stderr } = await ended;
    const problems = signal === 'SIGKILL' ? await look(project, pace, acks, report) : [`it ended by itself: ${stderr}`];
    report.acks += acks.length;
    report.problems.push(...problems.map((problem) => `${pace} killed at ${moment}: ${problem}`));
  } finally {
    project.remove();
  }
}

function firstAck(child: ReturnType<Project['start']>['child']): Promise<void> {
  return new Promise((done) => {
    child.stdio[3]!.once('data', () => done());
    child.once('exit', () => done());
  });
}

async function look(project: Project, pace: Pace, acks: readonly Ack[], report: KillReport): Promise<string[]> {
  const problems = [...fileProblems(project.results, 1), ...(await readingProblems(project.results))];
  const [folder] = runFolders(project.results);
  if (folder === undefined || !existsSync(join(folder, 'experiment_meta.json'))) {
    report.early += 1;
    return acks.length === 0 ? problems : [...problems, `${acks.length} acknowledgements, and no run`];
  }
  const run = loadRun(folder);
  if (run.status !== 'killed') problems.push(`its status is ${run.status} (${run.evidence})`);
  const shown = await listed(project.results);
  if (!shown.includes('killed')) problems.push(`list shows ${shown}`);
  if (pace === 'steady') return [...problems, ...lostAcks(run, acks)];
  const values = run.series('fast')?.values ?? new Float64Array(0);
  const gap = values.findIndex((value, index) => value !== index);
  if (gap >= 0) problems.push(`point ${gap} of ${values.length} is missing in the middle`);
  return [...problems, ...blockProblems(values.length, acks.filter(isFast), report)];
}

type FastAck = Extract<Ack, readonly ['fast', ...unknown[]]>;

/** A point that is missing was recorded less than a block's time before the last sign of the process. */
function blockProblems(count: number, acks: readonly FastAck[], report: KillReport): string[] {
  const last = acks.at(-1);
  const lost = acks.filter(([, index]) => index >= count);
  if (last === undefined || lost.length === 0) return [];
  const age = last[2] - lost[0]![2];
  report.lostInBlock = Math.max(report.lostInBlock, last[1] - count + 1);
  report.oldestLostMs = Math.max(report.oldestLostMs, age);
  return age <= BLOCK_MS ? [] : [`a point was lost ${age} ms after it was recorded`];
}

function isFast(ack: Ack): ack is FastAck {
  return ack[0] === 'fast';
}
