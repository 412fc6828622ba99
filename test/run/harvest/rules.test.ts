import { expect, it, test } from 'vitest';
import { refusal } from './harvested.ts';

const CSV = { csv: 'e.csv', column: 'a' };
const AT = 'comex.config.json "harvest.results/x';

test.each<[what: string, rule: unknown, expected: string]>([
  [
    'no source',
    { column: 'a' },
    `${AT}": Expected one source: csv, json, text, file, or "match" for the log of the run, got column.`,
  ],
  ['two sources', { csv: 'a', json: 'b' }, 'got csv and json.'],
  [
    'a misspelt field',
    { csv: 'a', colum: 'b' },
    `${AT}.colum": Expected a field of a rule with "csv", got "colum". Did you mean "column"?`,
  ],
  ["another kind's field", { csv: 'a', column: 'b', match: 'x' }, '"match" is for "text".'],
  ['another take', { ...CSV, take: 'avg' }, `${AT}.take": Expected one of "only"`],
  ['a near take', { ...CSV, take: 'medain' }, 'Did you mean "median"?'],
  ['a meant take', { ...CSV, take: 'std' }, 'Did you mean "sd"?'],
  [
    'a type that has no mean',
    { ...CSV, take: 'mean', type: 'string' },
    'Expected a type of numbers for "mean", got "string".',
  ],
  ['a mean of dates', { ...CSV, take: 'mean', type: 'date' }, 'Expected a type of numbers'],
  ['no column', { csv: 'a' }, `${AT}.column": Expected the name of a column`],
  ['a name without a header', { ...CSV, header: false }, 'Expected the number of a column from 0 on'],
  ['no pattern', { csv: [] }, 'Expected a pattern of files, or a list of them'],
  ['a flag that is a text', { ...CSV, optional: 'yes' }, 'Expected true or false, got "yes".'],
  ['a condition that is none', { ...CSV, where: { b: null } }, `${AT}.where.b": Expected a text, a number`],
  ['two letters between cells', { ...CSV, delimiter: '::' }, 'Expected one character'],
  ['a JSONPath without $', { json: 'r.json', path: 'results.pdm' }, 'Write "$.results.pdm".'],
  ['an expression that is none', { match: '(' }, `${AT}.match": Expected a regular expression, got "("`],
  ['an expression without a group', { match: 'loss' }, 'Put parentheses around the value.'],
  ['an expression with two groups', { match: '(a)(b)' }, 'Write (?:...) for the others.'],
  ['take of a file', { file: 'a.pt', take: 'first' }, '"take" is for "csv".'],
  ['a list', [CSV], 'Expected a rule such as'],
])('%s is refused with its place', async (_, rule, expected) => {
  expect(await refusal({ 'results/x': rule })).toContain(expected);
});

test.each([
  '',
  '/a',
  'a/',
  'a//b',
  '__proto__',
  'a/__proto__/b',
  'a\u001b[2J',
  'x'.repeat(300),
  '../x',
  'a/./b',
  'a b',
  'a\\b',
])('the path %j of a datum is refused', async (path) => {
  const rules = JSON.parse(`{${JSON.stringify(path)}: {"csv": "a", "column": "b"}}`) as unknown;
  expect(await refusal(rules)).toContain('Expected the path of a datum, such as "results/score"');
  expect(({} as Record<string, unknown>)['b']).toBeUndefined();
});

it('what is no object of rules is refused', async () => {
  expect(await refusal([])).toBe(
    'comex.config.json "harvest": Expected an object of rules, by the path of the datum, got an array.',
  );
  expect(await refusal('x')).toContain('got string');
  expect(await refusal({ 'results/x': CSV, y: { match: '(x)', take: undefined } })).toBe('accepted');
});

it.each([
  ['id', 'It means the field id of a run. Write "results/id".'],
  ['result.x', 'It means the field result of a run. Write "results/result.x".'],
  ['PLANNER', 'It means the parameter PLANNER of a run. Write "results/planner".'],
])('the path %s, which means something else, is refused', async (path, expected) => {
  expect(await refusal({ [path]: CSV })).toContain(
    `Expected a path that means nothing else, got "${path}". ${expected}`,
  );
  expect(await refusal({ [`results/${path}`]: CSV })).toBe('accepted');
});
