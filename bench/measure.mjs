/** Measuring: child processes side by side, medians, and the table that shows them. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The package that is measured, built. */
export const PACKAGE = fileURLToPath(new URL('..', import.meta.url));
export const BIN = fileURLToPath(new URL('../dist/bin.js', import.meta.url));

const USAGE = new URL('./usage.mjs', import.meta.url).href;

/** Clock ticks per second in /proc, on every Linux of today. */
const TICKS = 100;

/**
 * One process from its start to its end. With `usage`, its own CPU time and peak memory are asked for as well; otherwise
 * the CPU time is that of the process and its children, where /proc tells it.
 */
export function measureProcess(node, { args, cwd, env = {}, usage = false, input }) {
  const { NODE_OPTIONS: _, NODE_EXTRA_CA_CERTS: _2, COMEX_LOADER: _3, FORCE_COLOR: _4, ...clean } = process.env;
  const before = childrenCpu();
  const start = performance.now();
  const child = spawnSync(node, usage ? ['--import', USAGE, ...args] : args, {
    cwd,
    env: { ...clean, NO_COLOR: '1', ...env },
    input: input ?? '',
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    maxBuffer: 256 * 1024 * 1024,
  });
  const wall = performance.now() - start;
  const after = childrenCpu();
  if (child.status !== 0)
    throw new Error(`${args.join(' ')} ended with ${child.status ?? child.signal}:\n${child.stderr}`);
  const own = usage ? JSON.parse(String(child.output[3]).trim().split('\n').at(-1)) : {};
  const cpu = before === undefined ? undefined : after - before;
  return { wall, cpu: own.cpuMs ?? cpu, rss: own.maxRssBytes, stdout: String(child.stdout) };
}

/** CPU time of the children of this process that ended, in ms; undefined where there is no /proc. */
function childrenCpu() {
  try {
    const fields = readFileSync('/proc/self/stat', 'latin1').split(') ')[1].split(' ');
    return ((Number(fields[13]) + Number(fields[14])) * 1000) / TICKS;
  } catch {
    return undefined;
  }
}

/**
 * Runs each variant once a round, in turn and each round from another one on, so that what else the machine does meets
 * all of them alike. The first round warms the caches and is not counted.
 *
 * @param variants functions by name; each returns an object of numbers
 * @returns for each variant and number: the values of all rounds
 */
export function interleave(variants, rounds) {
  const names = Object.keys(variants);
  const all = Object.fromEntries(names.map((name) => [name, {}]));
  for (let round = -1; round < rounds; round++) {
    for (let i = 0; i < names.length; i++) {
      const name = names[(i + round + names.length) % names.length];
      const result = variants[name]();
      if (round < 0) continue;
      for (const [key, value] of Object.entries(result)) {
        if (typeof value !== 'number') continue;
        all[name][key] ??= [];
        all[name][key].push(value);
      }
    }
  }
  return all;
}

export const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};
export const minimum = (values) => values.reduce((a, b) => Math.min(a, b));
export const mean = (values) => values.reduce((a, b) => a + b, 0) / values.length;

/** The median over rounds of what one variant takes more than another of the same round. */
export const medianDifference = (values, others) => median(values.map((value, i) => value - others[i]));
/** The median over rounds of the ratio to another variant of the same round. */
export const medianRatio = (values, others) => median(values.map((value, i) => value / others[i]));

export const ms = (value) =>
  value >= 1000 ? `${(value / 1000).toFixed(2)} s` : `${value.toFixed(value < 10 ? 1 : 0)} ms`;
export const mib = (bytes) => `${(bytes / 2 ** 20).toFixed(0)} MiB`;
export const times = (ratio) => `${ratio.toFixed(2)}x`;

/** `86 ms (min 80, CPU 90)`: median and minimum of the wall time, mean of the CPU time. */
export function wallText({ wall, cpu }) {
  const spent = cpu === undefined ? '' : `, CPU ${mean(cpu).toFixed(0)}`;
  return `${ms(median(wall))} (min ${minimum(wall).toFixed(0)}${spent})`;
}

const COLUMNS = ['what', 'value', 'beside it', 'ratio', 'target', 'met'];

/** A table in Markdown, aligned, so that what is printed is what stands in the documents. */
export function table(figures) {
  const met = ({ met: value }) => (value === undefined ? '' : value ? 'yes' : '**no**');
  const rows = figures.map((figure) => [
    figure.what,
    figure.value,
    figure.beside ?? '',
    figure.ratio ?? '',
    figure.target ?? '',
    met(figure),
  ]);
  const widths = COLUMNS.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i].length)));
  const line = (cells) => `| ${cells.map((cell, i) => cell.padEnd(widths[i])).join(' | ')} |`;
  return [line(COLUMNS), `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`, ...rows.map(line)].join('\n');
}
