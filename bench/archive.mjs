/** Listing large archives: whole processes on synthesised runs, beside what only reading the folders' names takes. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeArchive } from './archive-maker.mjs';
import { BIN, interleave, measureProcess, median, medianDifference, mib, ms, wallText } from './measure.mjs';

const ARCHIVE = new URL('../dist/archive.js', import.meta.url).href;
const QUERY = 'status == "done" && LEARNING_RATE < 0.01 && series["loss/val"].min < 0.2';
const ASKED = [QUERY, '--sort', 'loss/val:min', '--limit', '20'];

/** Every run's metadata is looked at once: no answer that is true to the folders can take less. */
const FLOOR = `
  import { readdirSync, statSync } from 'node:fs';
  const visit = (folder) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (!entry.isDirectory() || entry.name.startsWith('.')) continue;
      const path = folder + '/' + entry.name;
      if (statSync(path + '/experiment_meta.json', { throwIfNoEntry: false }) === undefined) visit(path);
    }
  };
  visit(process.argv[1]);
`;

/** So many runs change at a time: what one takes is less than the noise of a listing. */
const CHANGED = 50;

/** Lists an archive again and again; before each second time some runs have changed. Prints the times in ms. */
const ADDING = `
  import { selectSummaries } from ${JSON.stringify(ARCHIVE)};
  import { readFileSync, writeFileSync } from 'node:fs';
  const [results, rounds, ...changed] = process.argv.slice(1);
  const settle = () => new Promise((resolve) => setTimeout(resolve, 2500));
  const list = async () => {
    const begun = performance.now();
    await selectSummaries(results, { limit: 20 });
    return performance.now() - begun;
  };
  const times = { known: [], changed: [] };
  for (let round = 0; round < 3; round++) await list();
  for (let round = 0; round < Number(rounds); round++) {
    await settle();
    // After a pause the first time is slower, with or without a change.
    times.known.push(await list());
    for (const path of changed) writeFileSync(path, readFileSync(path));
    await settle();
    times.changed.push(await list());
  }
  console.log(JSON.stringify(times));
`;

export function figures({ node, rounds }) {
  const folder = mkdtempSync(join(tmpdir(), 'comex-bench-archive-'));
  const few = Math.max(3, Math.round(rounds / 3));
  try {
    return [
      ...small({ node, results: join(folder, 'small'), rounds: few }),
      ...large({ node, results: join(folder, 'large') }),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function small({ node, results, rounds }) {
  makeArchive(results, 10_000);
  settle();
  const index = join(results, '.comex');
  const list = () =>
    measureProcess(node, { args: [BIN, 'list', '--results', results, ...ASKED], cwd: results, usage: true });
  const cold = interleave(
    {
      cold: () => {
        rmSync(index, { recursive: true, force: true });
        return list();
      },
    },
    rounds,
  ).cold;
  list();
  const warm = interleave(
    {
      list,
      floor: () => measureProcess(node, { args: ['--input-type=module', '-e', FLOOR, results], cwd: results }),
      start: () => measureProcess(node, { args: [BIN, '--version'], cwd: results }),
    },
    rounds,
  );
  const wall = median(warm.list.wall);
  const { known, changed } = adding(node, results, Math.max(5, rounds));
  const added = Math.max(0, medianDifference(changed, known)) / CHANGED;
  return [
    {
      what: 'list of 10,000 runs with filter, sort and limit',
      value: `${wallText(warm.list)} (${mib(median(warm.list.rss))})`,
      beside: `stat of each metadata file: ${wallText(warm.floor)}; --version: ${wallText(warm.start)}`,
      target: '< 300 ms, < 200 MiB',
      met: wall < 300 && median(warm.list.rss) < 200 * 2 ** 20,
    },
    {
      what: 'the same without an index, which it makes',
      value: `${wallText(cold)} (${mib(median(cold.rss))})`,
      target: '< 3 s',
      met: median(cold.wall) < 3000,
    },
    {
      what: 'reading a run that changed, and adding it to the index',
      value: ms(added),
      beside: `listing all, in a process that has done so before: ${ms(median(known))}`,
      target: '< 5 ms',
      met: added < 5,
    },
  ];
}

function large({ node, results }) {
  makeArchive(results, 100_000);
  settle();
  const list = () =>
    measureProcess(node, { args: [BIN, 'list', '--results', results, ...ASKED], cwd: results, usage: true });
  const cold = list();
  list();
  const warm = interleave({ list }, 3).list;
  return [
    {
      what: 'list of 100,000 runs with filter, sort and limit',
      value: `${wallText(warm)} (${mib(median(warm.rss))})`,
      beside: `without an index: ${ms(cold.wall)} (${mib(cold.rss)})`,
      target: '< 1 s, < 200 MiB',
      met: median(warm.wall) < 1000 && median(warm.rss) < 200 * 2 ** 20,
    },
  ];
}

/** What changed just now is not kept in an index. */
function settle() {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2500);
}

function someRuns(results) {
  const folder = join(results, 'text/sentiment');
  return readdirSync(folder)
    .slice(0, CHANGED)
    .map((name) => join(folder, name, 'experiment_meta.json'));
}

/** To the index, a run that changed is as one that is new. */
function adding(node, results, rounds) {
  const args = ['--input-type=module', '-e', ADDING, results, String(rounds), ...someRuns(results)];
  return JSON.parse(execFileSync(node, args, { encoding: 'utf8' }));
}
