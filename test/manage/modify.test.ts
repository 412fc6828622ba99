import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { NOTES_FILE } from '../../src/archive/layout.ts';
import { loadRun } from '../../src/archive/load.ts';
import { applyPlan, planModification, readModification } from '../../src/manage/modify.ts';
import { thrown } from '../archive/run-folder.ts';
import { temporaryFolder, writeRun } from '../cli/run-folders.ts';

const parameter = (value: unknown, type?: string, more = {}) => ({
  value,
  source: 'given',
  ...(type ? { type } : {}),
  ...more,
});

function runWith(parameters: Readonly<Record<string, unknown>>): string {
  return writeRun(temporaryFolder(), 'aaaaaaaa', { parameters });
}

function changed(folder: string, ...set: string[]): Readonly<Record<string, unknown>> {
  const plans = planModification([folder], readModification({ set }));
  for (const { problem } of plans) if (problem !== undefined) throw new Error(problem);
  for (const plan of plans) applyPlan(plan);
  return loadRun(folder).parameters;
}

describe('modify', () => {
  it('takes a value as the command line would, by the recorded type', () => {
    const folder = runWith({
      N: parameter(1, 'number'),
      TEXT: parameter('a', 'string'),
      FLAG: parameter(true, 'boolean'),
      LIST: parameter([1], 'number[]'),
      KIND: parameter('adam', "'adam' | 'sgd'"),
      MAYBE: parameter(1, 'number | null'),
      NAMED: parameter('a', 'Some.Imported<Type>'),
    });
    const values = changed(
      folder,
      'N=1e-3',
      'TEXT=N * 2',
      'FLAG=false',
      'LIST=[1, 2]',
      'KIND=sgd',
      'MAYBE=null',
      'NAMED=b=c',
    );
    expect(values).toEqual({
      N: 0.001,
      TEXT: 'N * 2',
      FLAG: false,
      LIST: [1, 2],
      KIND: 'sgd',
      MAYBE: null,
      NAMED: 'b=c',
    });
  });

  it('computes from the values before what is no value', () => {
    const folder = runWith({
      A: parameter(0.5, 'number'),
      B: parameter(3, 'number'),
      L: parameter([4, 5], 'number[]'),
    });
    expect(changed(folder, 'A=A * 10 + B', 'B=A > 0.1 ? B / 2 : 1', 'L=[A, L[1]]')).toEqual({
      A: 8,
      B: 1.5,
      L: [0.5, 5],
    });
    expect(loadRun(folder).original.parameters.A!.value).toBe(0.5);
  });

  it('says why a run cannot be changed, and changes nothing of it', () => {
    const folder = runWith({
      A: parameter(1, 'number'),
      K: parameter('a', "'a' | 'b'"),
      KEY: parameter('[redacted]', 'string', { redacted: true }),
    });
    expect(() => changed(folder, 'A=2', 'K=c')).toThrow(
      `c is no value of K ('a' | 'b'), and as an expression: Unknown variable`,
    );
    expect(() => changed(folder, 'A="text"')).toThrow('expected number');
    expect(() => changed(folder, 'KEY=x')).toThrow('secret');
    expect(() => changed(folder, 'A=KEY')).toThrow('Unknown variable');
    expect(existsSync(join(folder, NOTES_FILE))).toBe(false);
  });

  it('renames with all that is known, secrets included, and never over another', () => {
    const secret = parameter('[redacted]', 'string', { redacted: true, doc: 'Key.' });
    const folder = runWith({ OLD: secret, B: parameter(1) });
    const [plan] = planModification([folder], readModification({ rename: ['OLD=API_KEY'], unset: ['B'] }));
    applyPlan(plan!);
    expect(loadRun(folder).meta.parameters).toEqual({ API_KEY: secret });
    expect(loadRun(folder).parameters).toEqual({ API_KEY: undefined });
    expect(Object.keys(loadRun(folder).original.parameters)).toEqual(['OLD', 'B']);
    const other = runWith({ A: parameter(1), B: parameter(2) });
    expect(planModification([other], readModification({ rename: ['A=B'] }))[0]!.problem).toContain('B already');
  });

  it('refuses a name that no run has, and passes over runs that lack it', () => {
    const [a, b] = [runWith({ RATE: parameter(1) }), runWith({ OTHER: parameter(1) })];
    const plans = planModification([a, b], readModification({ set: ['RATE=2'] }));
    expect(plans.map(({ changes }) => changes.length)).toEqual([1, 0]);
    for (const options of [{ set: ['RATES=1'] }, { unset: ['RATES'] }, { rename: ['RATES=X'] }]) {
      const error = thrown(() => planModification([a, b], readModification(options)));
      expect(error).toMatchObject({ code: 'E_PARAMETER_NAME' });
      expect(error.message).toContain('Did you mean "RATE"?');
    }
  });

  it('refuses what means no change', () => {
    for (const options of [
      {},
      { set: ['A'] },
      { set: ['=1'] },
      { rename: ['A'] },
      { unset: ['A.b'] },
      { set: ['A=1', 'A=2'] },
      { setMeta: ['status=done'] },
    ]) {
      expect(thrown(() => readModification(options))).toMatchObject({ code: 'E_USAGE' });
    }
  });

  it('refuses a new name that no parameter could have, and what steers comex itself', () => {
    for (const [options, said] of [
      [{ rename: ['RATE=rate'] }, 'in capitals'],
      [{ rename: ['RATE=learningRate'] }, 'in capitals'],
      [{ rename: ['RATE=__SEED__'] }, '__SEED__'],
      [{ rename: ['__SEED__=SEED'] }, '__SEED__'],
      [{ set: ['__SEED__=3'] }, 'cannot be changed'],
      [{ unset: ['__DEBUG__'] }, '__DEBUG__'],
    ] as const) {
      const error = thrown(() => readModification(options));
      expect(error).toMatchObject({ code: 'E_USAGE', message: expect.stringContaining(said) });
    }
    expect(readModification({ rename: ['rate=RATE_2'] }).rename).toEqual([{ from: 'rate', to: 'RATE_2' }]);
  });

  it('never executes a text as code', () => {
    const folder = runWith({ A: parameter(1, 'number; globalThis.owned = 1; let y: number') });
    for (const text of [
      'A=globalThis.owned=1',
      'A=process.exit()',
      'A=(() => 1)()',
      'A=A.constructor.constructor("return 1")()',
    ]) {
      expect(() => changed(folder, text)).toThrow();
    }
    expect('owned' in globalThis).toBe(false);
  });

  it('notes the old value with the new one, and nothing where nothing changes', () => {
    const folder = runWith({ A: parameter(1, 'number') });
    changed(folder, 'A=1');
    expect(existsSync(join(folder, NOTES_FILE))).toBe(false);
    changed(folder, 'A=2');
    expect(JSON.parse(readFileSync(join(folder, NOTES_FILE), 'utf8'))).toMatchObject({
      kind: 'edit',
      by: 'comex modify',
      path: 'parameters.A',
      from: 1,
      to: 2,
    });
  });
});
