import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { dryRunJson, dryRunText } from '../../src/cli/dry-run.ts';
import { parameterHelp } from '../../src/cli/parameter-help.ts';
import { type Definition, define, resolveParameters } from '../../src/experiment/define.ts';
import { temporaryFolder } from './run-folders.ts';

const wide = { columns: 80, color: false, unicode: true };
const narrow = { columns: 40, color: false, unicode: true };
const root = temporaryFolder();
writeFileSync(join(root, 'package.json'), '{"type":"module"}');

async function experiment(name: string, source: string): Promise<Definition> {
  const path = join(root, 'experiments', `${name}.ts`);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${source}\nexport default function experiment() {}\n`);
  return define(path, root);
}

const digits = await experiment(
  'digits',
  `/**
 * Reads handwritten digits.
 *
 * A second paragraph, which is long enough to need more than one line on a screen of the usual width.
 */
import 'node:fs';

/** Step size of gradient descent; it is multiplied by the gradient before it is taken from the weights. */
export const LEARNING_RATE = 0.01;
/** Which algorithm. */
export const OPTIMIZER: 'sgd' | 'adam' = 'sgd';
export const VERBOSE = false;
/** Where the images are. */
export const DATASET: string = undefined as never;
/** @unit ms */
export const PAUSE = 5;
export const STEPS = LEARNING_RATE * 100;
export const API_KEY = 'sk-1234567890';
/** @secret */
export const USER_NAME = 'alice';
export const SERVER = { host: 'localhost', password: 'hunter22' };
`,
);

describe('parameterHelp', () => {
  it('lists the parameters with type, default and text', () => {
    const help = parameterHelp(digits, wide, root);
    expect(help.slice(0, help.indexOf('Special parameters'))).toBe(`\
Reads handwritten digits.
A second paragraph, which is long enough to need more than one line on a screen
of the usual width.

Usage: comex run experiments/digits.ts [--NAME VALUE]...

Parameters
  --LEARNING_RATE <number>  (default 0.01)
      Step size of gradient descent; it is multiplied by the gradient before it
      is taken from the weights.
  --OPTIMIZER <'sgd' | 'adam'>  (default 'sgd')
      Which algorithm.
  --VERBOSE <boolean>, --no-VERBOSE  (default false)
  --DATASET <string>  (default undefined as never)
      Where the images are.
  --PAUSE <number>  (default 5; in ms)
  --STEPS <number>  (default LEARNING_RATE * 100; follows LEARNING_RATE)
  --API_KEY <string>  (default [redacted])
  --USER_NAME <string>  (default [redacted])
  --SERVER <{ host: string; password: string }>
      (default { host: 'localhost', password: '[redacted]' })

`);
  });

  it('fits a narrow screen', () => {
    const help = parameterHelp(digits, narrow, root);
    for (const line of help.split('\n')) expect(line.length).toBeLessThanOrEqual(40);
    expect(help).toContain(`\
  --STEPS <number>
      (default LEARNING_RATE * 100;
      follows LEARNING_RATE)
`);
    expect(help).toContain('  --__PREFIX__\n      Text before the name of the run\n');
  });

  it('is short about the special parameters, and says what a module makes of them', async () => {
    const seeded = await experiment('seeded', 'export const __SEED__ = 7;');
    const help = parameterHelp(seeded, wide, root);
    expect(help).toContain('It has no parameters of its own.');
    expect(help).toContain('  --__TESTING__       Call testing(e) before the run, to make it quick.\n');
    expect(help).toMatch(/ {2}--__SEED__ {10}Seed of [\s\S]* Here 7\.\n/);
  });

  it('marks parameters that have to be given', async () => {
    const needy = await experiment('needy', 'export let DATA: string;\nexport let MAYBE: string | undefined;');
    const help = parameterHelp(needy, wide, root);
    expect(help).toContain('Usage: comex run experiments/needy.ts --DATA VALUE [--NAME VALUE]...\n');
    expect(help).toContain('  --DATA <string>  (required)\n');
    expect(help).not.toMatch(/MAYBE.*required/);
  });

  it('makes what a source says harmless', async () => {
    const odd = await experiment('odd', `/** \x1b[31m${'x'.repeat(10_000)}\u202e */\nexport const A = '\x9b';`);
    const help = parameterHelp(odd, wide, root);
    expect(help).not.toMatch(/(?!\n)\p{Cc}|\u202e/u);
    for (const line of help.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });
});

describe('a dry run', () => {
  const folder = join(root, 'results/digits/2026-01-31__12-00-00__xxxxxxxx');

  it('shows each parameter with its value and where that comes from, and the folder', async () => {
    const simple = await experiment(
      'simple',
      'export const A = 1;\nexport const B = A * 2;\nexport const C = Date.now();\nexport const TOKEN = "t";',
    );
    const resolved = resolveParameters(simple, [{ path: 'A', value: { text: '3' } }]);
    expect(dryRunText(resolved, folder, wide, root)).toBe(`\
simple  (dry run)
  module     experiments/simple.ts
  folder     results/digits/2026-01-31__12-00-00__xxxxxxxx

  parameter         value                 source   default
  A                 3                     given    1
  B                 6                     derived  A * 2
  C                 (known when it runs)  default
  TOKEN             [redacted]            default
  __DEBUG__         false                 default
  __TESTING__       false                 default
  __PREFIX__        ''                    default
  __SEED__          null                  default
  __INCLUDE__       null                  default
  __NAMESPACE__     null                  default
  __REPRODUCIBLE__  false                 default`);
  });

  it('gives the same as JSON, without secrets', () => {
    const resolved = resolveParameters(digits, [
      { path: 'API_KEY', value: { text: 'sk-abcdefgh' } },
      { path: '__NAMESPACE__', value: { text: 'other' } },
      { path: 'LEARNING_RATE', value: { value: Number.NaN } },
    ]);
    const json = dryRunJson(resolved, folder);
    expect(json).not.toMatch(/sk-|alice|hunter/);
    const { namespace, parameters, ...rest } = JSON.parse(json);
    expect(namespace).toBe('other');
    expect(rest).toEqual({ module: digits.path, folder });
    expect(parameters.LEARNING_RATE).toEqual({
      value: { $number: 'NaN' },
      source: 'given',
      default: '0.01',
      type: 'number',
    });
    expect(parameters.API_KEY).toMatchObject({ value: null, redacted: true, default: '[redacted]' });
    expect(parameters.SERVER.value).toEqual({ host: 'localhost', password: '[redacted]' });
    expect(parameters.__TESTING__).toMatchObject({ value: false, source: 'default' });
  });
});
