/** The experiments that `durability.mjs` runs. */

/** A writer of lines in blocks of 64 KB, as a program without comex would have it. */
const BUFFERED = `class Buffered {
  readonly #file: number;
  #block = '';

  constructor(path: string) {
    this.#file = openSync(path, 'w');
  }

  write(line: string): void {
    this.#block += \`\${line}\\n\`;
    if (this.#block.length > 65536) this.flush();
  }

  flush(): void {
    writeSync(this.#file, this.#block);
    this.#block = '';
  }

  sync(): void {
    this.flush();
    fsyncSync(this.#file);
  }
}
`;

/** One loop in three ways, at a pace or as fast as it goes; returns what the loop took. */
export const RECORDED = `import { fsyncSync, openSync, writeSync } from 'node:fs';
import type { Experiment } from 'comex';

export const WAY: 'comex' | 'buffered' | 'nothing' = 'nothing';
/** Points in a second; 0 for as many as there can be. */
export const PACE: number = 0;
export const POINTS: number = 300_000;

${BUFFERED}
export default async function experiment(e: Experiment): Promise<unknown> {
  const file = new Buffered(e.path('buffered.jsonl'));
  const origin = performance.now();
  let sum = 0;
  const record = {
    comex: (value: number): void => e.track('loss', value),
    buffered: (value: number, i: number): void =>
      file.write(\`["loss",\${i},\${Math.round((performance.now() - origin) * 1000) / 1000},\${value}]\`),
    nothing: (value: number): void => {
      sum += value;
    },
  }[WAY];
  const before = process.cpuUsage();
  const start = performance.now();
  for (let i = 0; i < POINTS; ) {
    const due = PACE === 0 ? POINTS : Math.min(POINTS, ((performance.now() - start) * PACE) / 1000);
    for (; i < due; i++) record(Math.cos(i) / 3, i);
    if (i < POINTS) await new Promise((resolve) => setTimeout(resolve, 1));
  }
  const wall = performance.now() - start;
  const { user, system } = process.cpuUsage(before);
  const written = performance.now();
  if (WAY === 'comex') await e.flush();
  else file.sync();
  return { cpuUs: (user + system) / POINTS, wallUs: (wall * 1000) / POINTS, syncMs: performance.now() - written, sum };
}
`;

/** Every call that records, below the rate at which each record reaches the kernel before the call returns. */
export const CALLS = `import { fsyncSync, openSync, writeSync } from 'node:fs';
import type { Experiment } from 'comex';

${BUFFERED}
const ROUNDS = 40;
const CALLS = 500;

export default async function experiment(e: Experiment): Promise<unknown> {
  const file = new Buffered(e.path('buffered.jsonl'));
  const time = () => Math.round(performance.now() * 1000) / 1000;
  let sum = 0;
  const ways: Record<string, Record<string, (i: number) => void>> = {
    track: {
      comex: (i) => e.track('loss', i / 7),
      buffered: (i) => file.write(\`["loss",\${i},\${time()},\${i / 7}]\`),
    },
    log: {
      comex: (i) => e.log('step', i, 'loss', i / 7),
      buffered: (i) => file.write(\`\${new Date().toISOString()} step \${i} loss \${i / 7}\`),
    },
    data: {
      comex: (i) => {
        e['state/loss'] = i / 7;
      },
      buffered: (i) => file.write(\`["state/loss",\${i / 7}]\`),
    },
    record: {
      comex: (i) => e.record('cases', { i, loss: i / 7 }),
      buffered: (i) => file.write(JSON.stringify({ i, loss: i / 7 })),
    },
    nothing: {
      comex: (i) => {
        sum += i / 7;
      },
    },
  };
  const result: Record<string, Record<string, number[]>> = {};
  for (let round = -2; round < ROUNDS; round++) {
    for (const [call, each] of Object.entries(ways)) {
      for (const [way, record] of Object.entries(each)) {
        const start = performance.now();
        for (let i = 0; i < CALLS; i++) record(round * CALLS + i);
        const took = ((performance.now() - start) * 1000) / CALLS;
        if (round >= 0) ((result[call] ??= {})[way] ??= []).push(took);
      }
    }
    // The budget of 10,000 records a second fills up again.
    await new Promise((resolve) => setTimeout(resolve, 60));
  }
  file.sync();
  return { ...result, sum };
}
`;
