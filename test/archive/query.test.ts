import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkNames, parseQuery } from '../../src/archive/query.ts';
import { type RunSummary, readSummary } from '../../src/archive/summary.ts';
import { temporaryFolder, thrown, writeRun } from './run-folder.ts';

const given = (value: unknown) => ({ value, source: 'given' });

function run(changes: Parameters<typeof writeRun>[1] = {}): RunSummary {
  const parameters = {
    EPOCHS: given(20),
    LR: given(0.01),
    OPTIMIZER: given('adam'),
    MODEL: given({ kind: 'mlp', layers: [1, 2] }),
    BIG: given(10n),
    NAN: given(Number.NaN),
    INF: given(Number.POSITIVE_INFINITY),
    NONE: given(null),
    WHEN: given(new Date('2026-01-31T00:00:00Z')),
    WEIGHTS: given(new Float64Array([1, 2])),
    SET: given(new Set(['a'])),
    KEY: { value: '[redacted]', redacted: true, source: 'given' },
  };
  const series = { 'loss/val': { count: 3, kind: 'number', last: 0.3, min: 0.1, max: 0.5 } };
  const end = { endedAt: '2026-01-31T12:00:05.000Z', durationMs: 5000 };
  const folder = writeRun(join(temporaryFolder(), 'run'), {
    parameters,
    series,
    tags: ['ablation', 'b'],
    result: { accuracy: 0.95 },
    ...end,
    ...changes,
  });
  return readSummary(folder, false);
}

const matches = (query: string, summary: RunSummary = run()): boolean => parseQuery(query).matches(summary);

describe('parseQuery', () => {
  it.each([
    'status == "done" && LR < 0.1 && "ablation" in tags && series["loss/val"].min < 0.2',
    "OPTIMIZER == 'adam'",
    'EPOCHS * 2 == 40',
    'LR * 2 < 1',
    '1 + LR > 1.0',
    'EPOCHS % 3 == 2',
    'EPOCHS / 8 == 2.5',
    'size(tags) * 2.0 == 4.0',
    '-EPOCHS < 0',
    'BIG > 5 && BIG * 0.5 == 5.0',
    'EPOCHS in [10, 20]',
    'MODEL.kind == "mlp" && MODEL.layers[1] == 2',
    'has(MODEL.kind) && !has(MODEL.depth)',
    'tags.exists(t, t.startsWith("abl"))',
    'result.accuracy > 0.9',
    'namespace == "vision/digits" && namespace.startsWith("vision")',
    '"namespace" != namespace',
    'duration == 5 && durationMs == 5000',
    'startedAt < timestamp("2026-02-01T00:00:00Z")',
    'startedAt > "2026-01-30" && "2026-02-02" > startedAt',
    'WHEN == timestamp("2026-01-31T00:00:00Z")',
    'INF > 1 && NONE == null && NAN != NAN && !(NAN > 1)',
    'WEIGHTS[0] == 1 && "a" in SET',
    'parameters.LR == 0.01 && parameters["EPOCHS"] == 20',
    'OPTIMIZER.matches("^a.*m$")',
    'EPOCHS > 5 ? LR < 1 : MISSING == 1',
    'true || MISSING == 1',
    'EPOCHS != "20"',
  ])('says yes to %s', (query) => {
    expect(matches(query)).toBe(true);
  });

  it.each([
    'MISSING == 1',
    '!(MISSING == 1)',
    'MISSING != 1',
    '!has(MISSING.field)',
    'EPOCHS == 20 && !(MISSING > 1)',
    'OPTIMIZER < 1',
    '!(OPTIMIZER < 1)',
    'EPOCHS == "20"',
    'series["loss/train"].min < 1',
    '!(series["loss/train"].min < 1)',
    'KEY == "[redacted]"',
    'KEY != ""',
    'error.code == "X"',
    'constructor == 1',
    'MODEL.constructor == 1',
    'title == "x"',
  ])('does not let a run match that lacks a name or has another kind of value: %s', (query) => {
    expect(matches(query)).toBe(false);
  });

  it('shows the place where a query cannot be understood, and what to do', () => {
    const say = (query: string) => {
      const error = thrown(() => parseQuery(query));
      expect(error.code).toBe('E_QUERY');
      return error.message;
    };
    expect(say('LR = 1')).toBe(
      'The query cannot be understood: unexpected character: =. Equal is "==".\n  LR = 1\n     ^',
    );
    expect(say('LR > 1 and EPOCHS > 1')).toContain('"&&", "||" and "!"');
    expect(say('namespace ==')).toContain('\n  namespace ==\n              ^');
    expect(say('EPOCHS > nope(1)')).toContain("'nope(int)'");
    expect(say('')).toContain('cannot be understood');
    expect(say('x'.repeat(20_000))).toContain('at most 10000 characters');
    expect(say(`${'('.repeat(500)}1${')'.repeat(500)} == 1`)).toContain('cannot be understood');
  });

  it('refuses what is neither true nor false', () => {
    expect(thrown(() => matches('EPOCHS')).message).toContain('"EPOCHS == ..."');
  });

  it.each([
    'OPTIMIZER.matches("(a+)+$")',
    'OPTIMIZER.matches("(a|a)*$")',
    'OPTIMIZER.matches(OPTIMIZER)',
    'OPTIMIZER.matches("(")',
    'OPTIMIZER.matches("(?=a)")',
    'OPTIMIZER.matches("(a)\\\\1")',
  ])('refuses a pattern that may never end: %s', (query) => {
    expect(thrown(() => parseQuery(query)).code).toBe('E_QUERY');
  });

  it('executes nothing', () => {
    for (const query of ['process.exit(1)', 'globalThis == 1', 'this == 1', '(() => 1)()', 'import("fs")', '`x`']) {
      try {
        expect(matches(query)).toBe(false);
      } catch (error) {
        expect(error).toMatchObject({ code: 'E_QUERY' });
      }
    }
  });

  it('knows the names that some run has, and names the nearest otherwise', () => {
    const runs = [run(), run({ parameters: { OTHER: given(1) } })];
    const check = (query: string) => checkNames(parseQuery(query), runs);
    expect(() => check('OTHER == 1 && LR > 1 && tags.exists(t, t == "a") && type(LR) == double')).not.toThrow();
    expect(thrown(() => check('EPOCH > 1')).message).toBe(
      'Expected a name that some run has, but none has "EPOCH". Did you mean "EPOCHS"?',
    );
    expect(thrown(() => check('statsu == "done"')).message).toContain('"status"');
    expect(thrown(() => check('KEY == "x"')).message).toContain('secret');
    expect(() => checkNames(parseQuery('EPOCH > 1'), [])).not.toThrow();
  });
});
