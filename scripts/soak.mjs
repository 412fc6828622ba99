/**
 * Tries to break the promises of durability for longer than a test may: `npm run soak`, or a part of it:
 *
 *     npm run soak -- --kills 1000      SIGKILL at random moments of runs that record
 *     npm run soak -- --sweep           every call of the file system fails with every code, for a run of a few calls
 *     npm run soak -- --fuzz 60         readers and commands on damaged folders, for so many seconds
 *     npm run soak -- --blocked 120     a run that blocks its event loop, looked at for so many seconds; only when asked for
 *     npm run soak -- --seed 7          other random numbers; the default is 1
 */
import { parseArgs } from 'node:util';
import { fuzz, sampleRun } from '../test/durability/fuzz.ts';
import { killRuns } from '../test/durability/kills.ts';
import { CODES, callsOf, isWriting, sweep, VARIANTS } from '../test/durability/sweep.ts';
import { watchBlocked } from '../test/fault/blocked-run.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string' },
    sweep: { type: 'boolean', default: false },
    fuzz: { type: 'string' },
    blocked: { type: 'string' },
    seed: { type: 'string', default: '1' },
  },
});
const all = [values.kills, values.fuzz, values.blocked].every((value) => value === undefined) && !values.sweep;
const seed = Number(values.seed);
const start = performance.now();
const problems = [];

if (all || values.kills !== undefined) await kill(Number(values.kills ?? 200));
if (all || values.sweep) await sweepAll();
if (all || values.fuzz !== undefined) await fuzzFor(Number(values.fuzz ?? 60));
if (values.blocked !== undefined) await block(Number(values.blocked));

for (const problem of problems) console.error(problem);
console.log(`${problems.length} problems, ${seconds()} s`);
process.exitCode = problems.length === 0 ? 0 : 1;

async function kill(count) {
  // Two in three at the pace that every acknowledgement is promised for, one beyond it.
  const paces = ['steady', 'steady', 'fast', 'steady', 'steady', 'bursts'];
  const report = await killRuns(count, seed, paces, ({ kills }) => progress(kills, count, 'kills'));
  problems.push(...report.problems);
  console.log(
    `${report.kills} kills (${report.early} before there was a run): ${report.acks} acknowledgements, ` +
      `${report.problems.length} problems. At full speed at most ${report.lostInBlock} points were missing, ` +
      `the oldest ${report.oldestLostMs.toFixed(3)} ms old. ${seconds()} s`,
  );
}

async function sweepAll() {
  const trials = [];
  for (const variant of VARIANTS) {
    const calls = await callsOf(variant);
    for (const [index, call] of calls.entries()) {
      const at = index + 1;
      trials.push({ variant, mode: 'kill', at });
      if (isWriting(call)) trials.push({ variant, mode: 'torn', at });
      for (const code of CODES) {
        for (const lasting of [false, true]) trials.push({ variant, mode: 'error', at, code, lasting });
      }
    }
  }
  const found = await sweep(trials, (done) => progress(done, trials.length, 'trials'));
  problems.push(...found);
  console.log(`${trials.length} faults: ${found.length} problems. ${seconds()} s`);
}

async function fuzzFor(duration) {
  const { rounds, slowestMs, problems: found } = await fuzz(await sampleRun(), seed * 1e6, duration * 1000);
  problems.push(...found);
  console.log(
    `${rounds} damaged folders: ${found.length} problems, the slowest took ${slowestMs.toFixed(0)} ms. ${seconds()} s`,
  );
}

async function block(duration) {
  const { looks, oldestMs, killedMs, problems: found } = await watchBlocked(duration * 1000);
  problems.push(...found);
  console.log(
    `a run blocked for ${duration} s, ${looks} looks: ${found.length} problems. Its heartbeat was at most ` +
      `${(oldestMs / 1000).toFixed(1)} s old; that it was killed was seen after ${killedMs.toFixed(0)} ms. ${seconds()} s`,
  );
}

function progress(done, count, what) {
  if (done % 50 === 0 && done < count) console.log(`${done} of ${count} ${what} … ${seconds()} s`);
}

function seconds() {
  return Math.round((performance.now() - start) / 1000);
}
