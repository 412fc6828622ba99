import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { DATA_FILE, HIDDEN_FOLDER, META_FILE } from '../../src/archive/layout.ts';
import { readingProblems } from './check.ts';
import { Project } from './processes.ts';
import { SeededRandom } from './random.ts';

/** A longer reading of a few hundred kilobytes hangs. */
const LIMIT_MS = 3000;
const DEPTH = 20_000;

/** A run that leaves every kind of file, with every kind of value. */
const SAMPLE = `export const RATE = 0.1;
export const API_KEY = 'secret-value';
export default async (e: any) => {
  for (let i = 0; i < 30; i++) e.trackMany({ 'loss/train': 1 / (i + 1), 'Loss': i }, { step: i, epoch: i / 10 });
  e.track('loss/train', NaN); e.track('mixed', 'text'); e.track('mixed', -0);
  e.track('image', Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64'));
  e['a/b'] = { x: [1n, new Date(0), new Map([[1, new Set([2])]])], y: new Float32Array([1, 2]) };
  const list = Array.from({ length: 200 }, (_, i) => i); e['a/list'] = list; e['a/list'] = [...list, 1, 2];
  e['__proto__/x'] = 1; e['a/text'] = 'é\\u{1f600}'.repeat(100);
  e.record('cases', { n: 1, text: 'x' }); e.record('Cases', { n: Infinity });
  await e.commitJson('artifact', [1]);
  console.log('a line'); e.log('another');
  if (process.env.HOME !== undefined) process.kill(process.pid, 'SIGKILL');
};
`;

/** The files of a real run by path, some of them in the form that they have while it goes on. */
export async function sampleRun(): Promise<ReadonlyMap<string, Buffer>> {
  const files = new Map<string, Buffer>();
  const both = [
    SAMPLE,
    SAMPLE.replace(/ {2}if .*SIGKILL.*\n/, "  throw new Error('failed', { cause: new Error('why') });\n"),
  ];
  for (const source of both) {
    const project = new Project({ 'experiments/main.ts': source });
    await project.start(['run', 'experiments/main.ts', '--quiet']).ended;
    const folder = join(project.results, 'main', readdirSync(join(project.results, 'main'))[0]!);
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      if (entry.isFile() && !/^(code|plots)/.test(relative(folder, path))) {
        files.set(relative(folder, path), readFileSync(path));
      }
    }
    project.remove();
  }
  for (const [path, again] of [
    ['experiment_track.jsonl', 'experiment_track.2.jsonl'],
    ['experiment_log.txt', 'experiment_log.2.txt'],
    ['attempts/1.json', 'attempts/2.json'],
    ['experiment_meta.json', 'experiment_fatal.json'],
  ] as const) {
    files.set(again, files.get(path)!);
  }
  return files;
}

/** What the fuzzer has found. */
export interface FuzzReport {
  readonly rounds: number;
  readonly slowestMs: number;
  readonly problems: readonly string[];
}

/** Damages the files of a run in ever new ways, for so long, and reads and shows what is left after each. */
export async function fuzz(files: ReadonlyMap<string, Buffer>, seed: number, ms: number): Promise<FuzzReport> {
  const results = mkdtempSync(join(tmpdir(), 'comex-fuzz-'));
  const folder = join(results, 'main', '2026-01-31__12-00-00__k3v9x2ab');
  for (const [path, bytes] of files) write(join(folder, path), bytes);
  const problems: string[] = [];
  const end = performance.now() + ms;
  let rounds = 0;
  let slowestMs = 0;
  try {
    for (; performance.now() < end && problems.length < 20; rounds++) {
      const random = new SeededRandom(seed + rounds);
      const damaged = writeDamaged(folder, files, random);
      // What an index remembers is not read again.
      if (random.next() < 0.5) rmSync(join(results, HIDDEN_FOLDER), { recursive: true, force: true });
      const start = performance.now();
      const found = await readingProblems(results, { allowsRefusal: true });
      const took = performance.now() - start;
      slowestMs = Math.max(slowestMs, took);
      if (took > LIMIT_MS) found.push(`took ${took} ms`);
      const what = [...damaged].map(([path, how]) => `${path} ${how}`).join(', ');
      problems.push(...found.map((problem) => `seed ${seed + rounds}, ${what}: ${problem}`));
      for (const path of damaged.keys()) write(join(folder, path), files.get(path)!);
    }
  } finally {
    rmSync(results, { recursive: true, force: true });
  }
  return { rounds, slowestMs, problems };
}

/** Damages one to three files of a run folder; says which and how. */
function writeDamaged(
  folder: string,
  files: ReadonlyMap<string, Buffer>,
  random: SeededRandom,
): ReadonlyMap<string, string> {
  const damaged = new Map<string, string>();
  const paths = [...files.keys(), META_FILE, META_FILE];
  // Nothing else is read when the metadata cannot be, and data are read from the journal when the tree is not there.
  if (random.next() < 0.3) paths.splice(0, paths.length, ...[...files.keys()].filter((path) => path !== META_FILE));
  if (random.next() < 0.5) {
    damaged.set(DATA_FILE, 'removed');
    rmSync(join(folder, DATA_FILE));
  }
  for (let count = 1 + random.below(3); count > 0; count--) {
    const path = random.pick(paths);
    // What is still JSON gets deeper into the readers than noise does.
    const damage = random.next() < 0.75 ? changed : random.pick(DAMAGES);
    damaged.set(path, damage.name);
    write(join(folder, path), damage(files.get(path)!, random, files));
  }
  return damaged;
}

function write(path: string, bytes: Buffer): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
}

type Damage = (bytes: Buffer, random: SeededRandom, files: ReadonlyMap<string, Buffer>) => Buffer;

const DAMAGES: readonly Damage[] = [
  function noise(_, random) {
    return Buffer.from(Array.from({ length: random.below(5000) }, () => random.below(256)));
  },
  function cut(bytes, random) {
    return bytes.subarray(0, random.below(bytes.length + 1));
  },
  function zeros(bytes, random) {
    return Buffer.concat([bytes.subarray(0, random.below(bytes.length + 1)), Buffer.alloc(random.below(10_000))]);
  },
  function flipped(bytes, random) {
    const copy = Buffer.from(bytes);
    for (let count = random.below(20) + 1; count > 0 && copy.length > 0; count--) {
      copy[random.below(copy.length)] = random.below(256);
    }
    return copy;
  },
  function spliced(bytes, random) {
    const piece = (): Buffer => bytes.subarray(random.below(bytes.length + 1), random.below(bytes.length + 1));
    return Buffer.concat([piece(), piece(), piece()]);
  },
  function another(_bytes, random, files) {
    return files.get(random.pick([...files.keys()]))!;
  },
  function deep(bytes, random) {
    const [open, close] = random.pick([
      ['[', ']'],
      ['{"a":', '}'],
      ['{"$map":[[1,', ']]}'],
      ['["loss/train",1,1,', ']'],
    ] as const);
    const line = open.repeat(DEPTH) + (random.next() < 0.5 ? `1${close.repeat(DEPTH)}` : '');
    return random.next() < 0.5 ? Buffer.from(`${line}\n`) : Buffer.concat([bytes, Buffer.from(`\n${line}\n`)]);
  },
];

/** Changes a few values of a JSON file, and of a file of lines those of some lines. */
function changed(bytes: Buffer, random: SeededRandom): Buffer {
  const change = (value: unknown): unknown => {
    let now = value;
    for (let count = 1 + random.below(6); count > 0; count--) now = changedValue(now, random);
    return now;
  };
  const text = bytes.toString('utf8');
  const whole = parsed(text);
  if (whole !== undefined) return Buffer.from(JSON.stringify(change(whole)) ?? '');
  const lines = text.split('\n').map((line) => {
    const value = random.next() < 0.3 ? parsed(line) : undefined;
    return value === undefined ? line : (JSON.stringify(change(value)) ?? '');
  });
  return Buffer.from(lines.join('\n'));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Values that readers may stumble over, as text where JSON cannot say them otherwise. */
const ODD: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1e308,
  1e-320,
  2 ** 53,
  '',
  'x'.repeat(10_000),
  '\u0000\u001b[31m\u202e\ud800',
  '../../etc/passwd',
  [],
  {},
  [[]],
  { __proto__: null, toString: 1, length: -1 },
  JSON.parse('{"__proto__":{"polluted":1},"constructor":1,"hasOwnProperty":null}'),
  { $number: 'NaN' },
  { $number: 'x' },
  { $bigint: 'x' },
  { $date: 'never' },
  {
    $map: [
      [1, 2],
      [[], {}],
    ],
  },
  { $map: [1, [2]] },
  { $set: 3 },
  { $typed: 'Float64Array', data: '!' },
  { $bigint: '9'.repeat(20_000) },
  { $error: { name: 1, cause: {} } },
  { $image: '../../x' },
  '9999-99-99T99:99:99Z',
  '+275760-09-14T00:00:00.000Z',
];

/** A value with one of its parts replaced, renamed, removed or repeated. */
function changedValue(value: unknown, random: SeededRandom): unknown {
  if (typeof value !== 'object' || value === null || random.next() < 0.2) return random.pick(ODD);
  const keys = Object.keys(value);
  if (keys.length === 0) return random.pick(ODD);
  const copy = (Array.isArray(value) ? [...value] : { ...value }) as Record<string, unknown>;
  const key = random.pick(keys);
  const action = random.below(6);
  if (action === 0) delete copy[key];
  else if (action === 1) copy[random.pick(TAGS)] = copy[key];
  else if (action === 2) copy[key] = copy[random.pick(keys)];
  else copy[key] = changedValue(copy[key], random);
  return copy;
}

/** Names that the codec gives a meaning, and others that objects have. */
const TAGS = [
  '$number',
  '$map',
  '$set',
  '$typed',
  '$image',
  '$undefined',
  '$error',
  '$$',
  '$',
  'toJSON',
  'then',
  'size',
];
