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
    'note == null && title == null && git == null && error.code == null && !(note != null)',
    'null == description && result != null && result.accuracy != null && result.loss == null',
    'series["loss/val"] != null && series["loss/train"] == null && parameters.SIZE == null',
    '!(note != null && note.contains("x"))',
    'tags.exists(note, note == "b")',
  ])('says yes to %s', (query) => {
    expect(matches(query)).toBe(true);
  });

  it.each([
    'MISSING == 1',
    'MISSING == null',
    'note != "x" || false',
    '!(note == "x")',
    'note == null && note.contains("x")',
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

  it.each([
    'status == "completed"',
    '"completed" == status',
    'status in ["submitted", "completed"]',
    'status != "submitted"',
    'tags.exists(status, status == "ablation")',
    'endedAt - startedAt < duration("1d")',
    'endedAt - startedAt > duration("1s500ms")',
    'endedAt - startedAt == duration("5s")',
    'startedAt > timestamp("2026-01-30") && startedAt < timestamp("2026-02")',
    'startedAt < "2026-02" && startedAt > "2026-01-31T12:59+01:30"',
    'namespace == "vision/digits" && status == "completed" && LR / 2 < 1/3',
  ])('takes the other names of statuses, and moments and time spans as options do: %s', (query) => {
    expect(matches(query)).toBe(true);
  });

  it.each([
    ['status == "finished"', 'Expected a status, got "finished". Did you mean "done"? There are queued, running, '],
    ['status == "constructor"', 'Expected a status, got "constructor". There are queued, running, '],
    ['LR < 1 && "dnoe" == status', 'Did you mean "done"?'],
    ['status in ["done", "quux"]', 'got "quux". There are queued, running, done, '],
    ['startedAt > "2026-13-45"', 'Expected a moment such as 2026-01-31 or 2026-01-31T12:00, got "2026-13-45".\n'],
    ['"2026-02-31" <= endedAt', 'got "2026-02-31"'],
    ['startedAt > timestamp("2026-13-45")', 'got "2026-13-45"'],
    ['startedAt > "yesterday"', 'Expected a moment'],
    ['endedAt - startedAt > duration("2 fortnights")', 'Expected a time such as 90s, 20m, 1h30m, 2d or 1w, got'],
    ['has(SIZE)', 'Whether a run has a parameter: has(parameters.SIZE).'],
    ['has(title)', 'Whether a run has a title: title != null.'],
  ])('refuses what can match nothing: %s', (query, said) => {
    const error = thrown(() => parseQuery(query));
    expect([error.code, error.message]).toEqual(['E_QUERY', expect.stringContaining(said)]);
    // The place of what was written, with a mark below it.
    const [, line, mark] = error.message.split('\n');
    expect(line).toBe(`  ${query}`);
    expect(mark).toMatch(/^ +\^$/);
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
    for (const nothing of ['', '  ']) expect(say(nothing)).toContain('got an empty text');
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

  it('knows the fields of git and error also where no run has one, and what people mean by a bare word', () => {
    const runs = [run({ namespace: 'vision/digits' })];
    const check = (query: string) => checkNames(parseQuery(query), runs);
    expect(() => check('git.branch == "main" || error.code == "X"')).not.toThrow();
    expect(thrown(() => check('git.brnach == "main"')).message).toBe(
      'Expected a field of git, got "git.brnach". Did you mean "branch"?',
    );
    expect(thrown(() => checkNames(parseQuery('git.owner == "me"'), [])).message).toContain('There are commit, ');
    expect(thrown(() => check('digits')).message).toContain('--namespace vision/digits.');
    expect(thrown(() => check('status == done')).message).toContain('status == "done"');
  });
});
