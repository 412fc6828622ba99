import { expect } from 'vitest';
import type { LoadedRun } from '../../src/archive/load.ts';

export const MAIN = 'experiments/main.ts';

/** Something that stands in each of these experiments before the interesting line. */
export const BEFORE = `e['before/end'] = 1; e.track('loss', 0.5); e.log('before the end'); process.stdout.write('an open line');`;

/** A module whose main function records something, and then does what is told. */
export const experiment = (body: string, more = ''): string =>
  `${more}\nexport default async function experiment(e: any) {\n  ${BEFORE}\n  ${body}\n}\n`;

/** What every end keeps: the data, the series, the log to its last letter. */
export function expectKept(run: LoadedRun): void {
  expect(run.data).toEqual({ before: { end: 1 } });
  expect(Array.from(run.series('loss')?.values ?? [])).toEqual([0.5]);
  expect(run.log()).toContain('before the end');
}
