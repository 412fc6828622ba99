/**
 * `npm run bench`, or `node bench/run.mjs [start|track|durability|read|chart|compose|archive]... [--node PATH] [--rounds N]`: measures what comex
 * promises, each figure beside its floor or peer in the same rounds, and prints one table.
 */
import { existsSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { BIN, measureProcess, table } from './measure.mjs';
import { makeProject } from './project.mjs';

const PROMISES = ['start', 'track', 'durability', 'read', 'chart', 'compose'];
/** Measured only when it is named: it makes an archive of 100,000 runs. */
const LARGE = ['archive'];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { node: { type: 'string', default: process.execPath }, rounds: { type: 'string', default: '15' } },
});
const unknown = positionals.find((name) => ![...PROMISES, ...LARGE].includes(name));
if (unknown !== undefined)
  throw new Error(`Expected names among ${[...PROMISES, ...LARGE].join(', ')}, got "${unknown}".`);
if (!existsSync(BIN)) throw new Error('comex is not built. Run: npm run build');
const rounds = Number(values.rounds);
if (!Number.isInteger(rounds) || rounds < 1)
  throw new Error(`Expected --rounds to be a whole number above 0, got "${values.rounds}".`);

const project = makeProject();
try {
  const version = measureProcess(values.node, { args: ['--version'], cwd: project.root }).stdout.trim();
  const processors = `${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}`;
  const load = () => loadavg()[0].toFixed(1);
  const before = load();
  const figures = [];
  for (const name of positionals.length > 0 ? positionals : PROMISES) {
    const { figures: measure } = await import(`./${name}.mjs`);
    figures.push(...measure({ node: values.node, project, rounds }));
  }
  console.log(`Node ${version}, ${process.platform}, ${processors}, ${rounds} rounds, load ${before} to ${load()}\n`);
  console.log(table(figures));
} finally {
  project.remove();
}
