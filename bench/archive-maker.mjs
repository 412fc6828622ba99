/**
 * `node bench/archive-maker.mjs FOLDER COUNT`: an archive of synthesised runs, the same each time: 20 parameters, 10 series,
 * metadata and environment of real size, 5 % killed without a summary, 5 % with two runs inside of them, two damaged.
 */
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const EXPERIMENTS = ['vision/digits', 'vision/faces', 'text/sentiment', 'tabular'];
const SERIES = [
  'loss/train',
  'loss/val',
  'accuracy/train',
  'accuracy/val',
  'lr',
  'grad/norm',
  'time',
  'f1',
  'auc',
  'ece',
];
const LETTERS = '0123456789abcdefghijkmnpqrstvwxyz'.slice(0, 32);

/** Makes `count` top-level runs below a folder. */
export function makeArchive(results, count) {
  const random = mulberry(42);
  const environment = JSON.stringify(environmentOf());
  const settled = new Date(Date.now() - 60_000);
  for (let i = 0; i < count; i++) {
    const killed = i % 20 === 7;
    const namespace = EXPERIMENTS[i % EXPERIMENTS.length];
    const folder = makeRun(join(results, namespace), { i, namespace, killed, random, environment, settled });
    if (i % 20 !== 3) continue;
    for (const child of [0, 1]) {
      const below = { i: count + 2 * i + child, namespace, killed: false, random, environment: undefined, settled };
      makeRun(join(folder, 'runs'), { ...below, parent: idOf(i) });
    }
  }
  for (const [name, text] of [
    ['cut', '{"format":1,"id":"damaged0"'],
    ['newer', '{"format":99}'],
  ]) {
    const folder = join(results, 'tabular', `damaged-${name}`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'experiment_meta.json'), text);
  }
}

function makeRun(parentFolder, { i, namespace, killed, random, environment, settled, parent }) {
  const id = idOf(i);
  const startedMs = Date.UTC(2026, 0, 1) + i * 61_000;
  const startedAt = new Date(startedMs).toISOString();
  const name = `${startedAt.slice(0, 19).replace('T', '__').replaceAll(':', '-')}__${id}`;
  const folder = join(parentFolder, name);
  mkdirSync(join(folder, 'attempts'), { recursive: true });
  const meta = metaOf({ i, id, name, namespace, startedAt, startedMs, killed, random, parent });
  const path = join(folder, 'experiment_meta.json');
  writeFileSync(path, JSON.stringify(meta, null, 2));
  utimesSync(path, settled, settled);
  if (environment !== undefined) writeFileSync(join(folder, 'experiment_environment.json'), environment);
  writeFileSync(join(folder, 'experiment_log.txt'), `${startedAt} training\n`.repeat(20));
  const claim = { attempt: 1, host: hostname(), bootId: 'before', pid: 999_999, processStart: '1', startedAt };
  const outcome = killed ? {} : { outcome: { status: meta.status, endedAt: meta.endedAt, closed: true } };
  const more = { pidNamespace: null, reason: 'start', ...outcome };
  writeFileSync(join(folder, 'attempts/1.json'), JSON.stringify({ ...claim, ...more }));
  if (killed) writeFileSync(join(folder, 'experiment_track.jsonl'), trackOf(startedAt, random));
  return folder;
}

function metaOf({ i, id, name, namespace, startedAt, startedMs, killed, random, parent }) {
  const failed = i % 17 === 5;
  const durationMs = 10_000 + random() * 1e6;
  const parameters = { LEARNING_RATE: 10 ** (-4 + 3 * random()), EPOCHS: 10 + (i % 5) * 10 };
  Object.assign(parameters, {
    OPTIMIZER: i % 2 === 0 ? 'adam' : 'sgd',
    MODEL: { kind: 'mlp', width: 64 + (i % 4) * 64 },
  });
  for (let p = 0; p < 16; p++)
    parameters[`OPTION_${'ABCDEFGHIJKLMNOP'[p]}`] = p % 3 === 0 ? random() : p % 3 === 1 ? `v${p}` : p;
  const records = Object.entries(parameters).map(([key, value]) => [
    key,
    {
      value,
      given: value,
      default: JSON.stringify(value),
      type: typeof value === 'object' ? '{ kind: string; width: number }' : typeof value,
      doc: `What ${key.toLowerCase()} does to the training, in a sentence of the length that people write.`,
      source: 'given',
      from: `experiments/${namespace}.ts:12`,
    },
  ]);
  const series = SERIES.map((key) => {
    const last = random();
    return [key, { count: 100, kind: 'number', last, min: last * 0.9, max: last + 1, firstStep: 0, lastStep: 99 }];
  });
  const files = Array.from({ length: 12 }, (_, f) => `experiments/shared/module-${f}.ts`);
  return {
    format: 1,
    comex: '0.1.0',
    id,
    name,
    namespace,
    module: `experiments/${namespace}.ts`,
    root: '/home/somebody/project',
    description: 'Trains a model and measures it on what it has not seen.',
    status: killed ? 'running' : failed ? 'failed' : 'done',
    debug: false,
    testing: false,
    attempt: 1,
    startedAt,
    ...(killed ? {} : { endedAt: new Date(startedMs + durationMs).toISOString(), durationMs }),
    uid: 'f'.repeat(64),
    codeHash: 'e'.repeat(64),
    ...(parent === undefined ? {} : { parent: { id: parent } }),
    parents: [],
    mixins: [],
    hooks: { after_epoch: { doc: 'After each pass over the data.' } },
    parameters: Object.fromEntries(records),
    seed: { value: i, drawn: true },
    argv: ['run', `experiments/${namespace}.ts`, '--EPOCHS', '10'],
    cwd: '/home/somebody/project',
    tags: i % 10 === 0 ? ['ablation'] : [],
    git: { commit: 'a'.repeat(40), branch: 'main', dirty: false },
    snapshot: { hash: 'd'.repeat(64), files, skipped: [] },
    inputs: [],
    redacted: [],
    ...(killed ? {} : { series: Object.fromEntries(series) }),
    ...(failed
      ? { error: { name: 'Error', message: 'no convergence', stack: 'Error: no convergence\n    at x\n'.repeat(5) } }
      : {}),
    ...(killed || failed ? {} : { result: { accuracy: random(), epochs: 10 } }),
  };
}

function trackOf(origin, random) {
  const lines = [JSON.stringify({ format: 1, attempt: 1, origin })];
  for (let step = 0; step < 20; step++) {
    for (const name of SERIES) lines.push(JSON.stringify([name, step, step * 100, random()]));
  }
  return `${lines.join('\n')}\n`;
}

function environmentOf() {
  const dependencies = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`package-number-${i}`, `1.${i}.0`]));
  return { node: process.version, os: 'linux', cpus: 16, memoryBytes: 64e9, lockHash: 'c'.repeat(64), dependencies };
}

function idOf(i) {
  let id = '';
  for (let n = i + 1e9, k = 0; k < 8; k++, n = Math.floor(n / 32)) id = LETTERS[n % 32] + id;
  return id;
}

/** A small generator of random numbers, the same everywhere. */
function mulberry(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) makeArchive(process.argv[2], Number(process.argv[3] ?? 10_000));
