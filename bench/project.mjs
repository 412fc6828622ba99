/** A user's project in a fresh folder: experiments, comex among its packages, everything committed. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { COMPOSED } from './compose-experiments.mjs';
import { CALLS, RECORDED } from './durability-experiments.mjs';
import { PACKAGE } from './measure.mjs';

const NOOP = `/** Does nothing. */
export const LEARNING_RATE: number = 0.001;
export const EPOCHS: number = 10;

export default async function experiment(): Promise<void> {}
`;

const files = {
  'package.json': '{ "name": "bench", "type": "module", "private": true, "dependencies": { "comex": "*" } }\n',
  '.gitignore': 'node_modules/\nresults/\n',
  'bare.mjs': 'export const LEARNING_RATE = 0.001;\nexport default async function experiment() {}\n',
  'experiments/noop.ts': NOOP,
  'experiments/exit.ts': `${NOOP.replace('{}', '{\n  process.exit(0);\n}')}`,
  'experiments/typical.ts': typical(''),
  'experiments/typical_exit.ts': typical('  process.exit(0);\n'),
  'experiments/million.ts': million(''),
  'experiments/million_exit.ts': million('  process.exit(0);\n'),
  ...COMPOSED,
  'experiments/recorded.ts': RECORDED,
  'experiments/calls.ts': CALLS,
  'experiments/through.ts': `import { closeSync, openSync, writeSync } from 'node:fs';
import type { Experiment } from 'comex';

/** Every point is written through: bursts below the budget of the writer, with pauses in which it fills up again. */
export default async function experiment(e: Experiment): Promise<unknown> {
  const file = openSync(e.path('floor.txt'), 'a');
  const tracked: number[] = [];
  const floor: number[] = [];
  let point = 0;
  for (let burst = 0; burst < 30; burst++) {
    const first = point;
    const start = performance.now();
    for (let i = 0; i < 900; i++) e.track('loss', Math.cos(point++) / 3);
    const between = performance.now();
    for (let i = 0; i < 900; i++) writeSync(file, \`["loss",\${first + i},\${between},\${Math.cos(first + i) / 3}]\\n\`);
    const end = performance.now();
    if (burst > 0) {
      tracked.push(((between - start) * 1000) / 900);
      floor.push(((end - between) * 1000) / 900);
    }
    await new Promise((resolve) => setTimeout(resolve, 120));
  }
  closeSync(file);
  return { tracked, floor };
}
`,
};

function typical(end) {
  return `import type { Experiment } from 'comex';

export const POINTS: number = 1000;

export default async function experiment(e: Experiment): Promise<void> {
  for (let i = 0; i < POINTS; i++) {
    e.track('loss/train', 1 / (i + 1));
    e.track('loss/test', 1.1 / (i + 1));
    e.track('accuracy', 1 - 1 / (i + 1));
  }
  for (let i = 0; i < 20; i++) e[\`results/key_\${i}\`] = { value: i / 7, label: \`key \${i}\` };
  await e.commitJson('summary.json', { points: POINTS, best: 0.999 });
${end}}
`;
}

function million(end) {
  return `import type { Experiment } from 'comex';

export const POINTS: number = 1_000_000;

export default function experiment(e: Experiment): void {
  for (let i = 0; i < POINTS; i++) e.track('loss', Math.cos(i) / 3);
${end}}
`;
}

/** Makes the project; the caller removes it. */
export function makeProject() {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'comex-bench-')));
  for (const folder of ['experiments', 'node_modules']) mkdirSync(join(root, folder));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  symlinkSync(PACKAGE, join(root, 'node_modules/comex'));
  const author = ['-c', 'user.name=bench', '-c', 'user.email=bench@localhost'];
  for (const args of [
    ['init', '-q'],
    ['add', '.'],
    [...author, 'commit', '-q', '-m', 'experiments'],
  ]) {
    const { status, stderr } = spawnSync('git', args, { cwd: root, encoding: 'utf8' });
    if (status !== 0) throw new Error(`git ${args[0]} failed: ${stderr}`);
  }
  return {
    root,
    /** Folders of the runs of an experiment, oldest first. */
    runs: (name) => {
      const folder = join(root, 'results', name);
      return readdirSync(folder)
        .sort()
        .map((run) => join(folder, run));
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}
