/** A chain of five levels with three mixins, the same in one module, and a study of child runs. */

const chain = {};
const levels = ['one', 'two', 'three', 'four', 'five'];
const body = (name) => `/** Level ${name}. */
export const ${name.toUpperCase()}_SIZE = ${name.length};
export const ${name.toUpperCase()}_STEPS = ${name.toUpperCase()}_SIZE * 10;
`;
for (const [index, name] of levels.entries()) {
  const parent = levels[index - 1];
  chain[`experiments/chain/${name}.ts`] =
    parent === undefined
      ? `${body(name)}export const RATE: number = 0.1;\nexport default async function experiment(e: any) { await e.applyHook('each', {}); }\n`
      : `import { append, extend, inherit } from 'comex';\n${body(name)}export const RATE: number = inherit((rate: number) => rate * 2);
export const hooks = { each: append(() => {}) };
${index === 4 ? "export const include = ['./mixins/a.ts', './mixins/b.ts', './mixins/c.ts'];\n" : ''}export default extend('./${parent}.ts');\n`;
}
for (const name of ['a', 'b', 'c']) {
  chain[`experiments/chain/mixins/${name}.ts`] =
    `export const MIXIN_${name.toUpperCase()} = 1;\nexport const hooks = { each() {} };\n`;
}

export const COMPOSED = {
  ...chain,
  'experiments/single.ts': `${levels.map(body).join('')}export const RATE: number = 1.6;
export const hooks = { each() {} };
export default async function experiment(e: any) { await e.applyHook('each', {}); }\n`,
  'experiments/child.ts': `import type { Experiment } from 'comex';
type Self = typeof import('./child.ts');
export const RATE = 0.1;
export const STEPS = 10;
export default function experiment(e: Experiment<Self>) {
  e.log('training with', RATE);
  for (let step = 0; step < STEPS; step++) e.track('loss', RATE / (step + 1));
  e['results/rate'] = RATE;
  return RATE;
}\n`,
  'experiments/study.ts': `import { readdirSync } from 'node:fs';
import type { Experiment } from 'comex';
type Self = typeof import('./study.ts');
export const RUNS = 1000;
export const LANES = 8;
/** Tells at each tenth of the runs how long they took and what the process holds, as the last line it prints. */
export default async function experiment(e: Experiment<Self>) {
  const marks: { runs: number; ms: number; heap: number }[] = [];
  const start = performance.now();
  let next = 0;
  let ended = 0;
  const lane = async () => {
    while (next < RUNS) {
      const { status } = await e.run('./child.ts', { parameters: { RATE: next++ } });
      if (status !== 'done') throw new Error(status);
      if (++ended % (RUNS / 10) !== 0) continue;
      (globalThis as { gc?: () => void }).gc?.();
      marks.push({ runs: ended, ms: performance.now() - start, heap: process.memoryUsage().heapUsed });
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  const children = readdirSync(e.path() + '/runs');
  const inodes = Math.max(...children.map((id) => 1 + readdirSync(e.path() + '/runs/' + id, { recursive: true }).length));
  return { marks, inodes };
}\n`,
};
