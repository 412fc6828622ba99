import { cpSync, mkdirSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { PACKAGE } from '../project.ts';
import { errorCodes, publicNames } from './exports.ts';
import { readDocument } from './markdown.ts';
import { Session } from './session.ts';
import { typeErrors } from './typecheck.ts';

const names = publicNames();
const index = readDocument('docs/api.md');

test.each(names)('the API index has $name of $entry', ({ name, entry }) => {
  const start = index.indexOf(`\n## ${entry}\n`);
  const end = index.indexOf('\n## comex', start + 1);
  expect(index.slice(start, end < 0 ? undefined : end)).toMatch(new RegExp(`\`${name}\\b`));
});

test.each(errorCodes())('the API index explains the code %s', (code) => {
  expect(index).toContain(`\`${code}\``);
});

describe('examples in the declarations', () => {
  const session = new Session();
  const examples = [
    ...new Map(names.flatMap(({ name, example }) => (example === undefined ? [] : [[name, example]]))),
  ].map(([name, example]) => ({
    name: name!,
    example: example!,
    path: /^\/\/ ([\w./-]+\.ts)\n/.exec(example!)?.[1] ?? `examples/${name}.ts`,
  }));

  beforeAll(() => {
    // What the examples speak of: the quickstart, and a run of an experiment named digits.
    mkdirSync(join(session.project.root, 'experiments'), { recursive: true });
    cpSync(join(PACKAGE, 'experiments/quickstart.ts'), join(session.project.root, 'experiments/quickstart.ts'));
    session.project.write({ 'experiments/digits.ts': DIGITS });
    for (const { path, example } of examples) session.project.write({ [path]: example });
    const { run } = session.project.run('digits');
    renameSync(run.path, join(dirname(run.path), '2026-01-31__12-00-00__k3v9x2ab'));
  });

  test.each(names.filter(({ kind }) => kind === 'value'))('$name of $entry has one', ({ example }) => {
    expect(example).toBeDefined();
  });

  test.each(examples)('that of $name runs, and prints what it says', ({ path, example }) => {
    const command = path.startsWith('experiments/') ? `comex run ${path}` : `tsx ${path}`;
    const shown = [...example.matchAll(/^ *console\.log\(.*\);? *\/\/ (.*)$/gm)].map(([, text]) => text!);
    const { actual } = session.run({ command: `${command} && echo ended`, shown: [] });
    expect(actual.at(-1)).toBe('ended');
    expect(actual).toEqual(expect.arrayContaining(shown));
  });

  test('they fit the types', () => {
    expect(
      typeErrors(
        session.project,
        examples.map(({ path }) => path),
      ),
    ).toEqual([]);
  });
});

const DIGITS = `
export const LEARNING_RATE = 0.1;
export default function experiment(e) {
  e.track('loss/train', 0.5);
  e['results/accuracy'] = 0.9;
}
`;
