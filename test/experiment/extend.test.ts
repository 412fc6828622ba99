import { expect, it } from 'vitest';
import { markerOf } from '../../src/experiment/compose.ts';
import { append, extensionOf, hookPoint, inherit, prepend, replace } from '../../src/experiment/extend.ts';
import { extend } from '../../src/run/extend.ts';

it('a default export that extends tells its path and its main function', () => {
  const main = (): void => {};
  expect(extensionOf(extend('./parent.ts'))).toEqual({ path: './parent.ts', main: undefined });
  expect(extensionOf(extend('./parent.ts', main))).toEqual({ path: './parent.ts', main });
  expect([main, undefined, {}, './parent.ts'].map(extensionOf)).toEqual(Array(4).fill(undefined));
});

it('a default export that extends says, when it is called, that comex runs it', () => {
  const called = extend('./parent.ts') as unknown as () => void;
  expect(called).toThrow(
    'Expected the experiment that extends "./parent.ts" to be run by comex run, by runExperiment or by e.run, not to be called.',
  );
});

it.each<[unknown[], string]>([
  [[], "Expected extend(...) to be given the path of a module, such as './parent.ts', got undefined."],
  [[''], "Expected extend(...) to be given the path of a module, such as './parent.ts', got an empty text."],
  [['./parent.ts', 3], "Expected extend('./parent.ts', ...) to be given a function, got number."],
  [['./parent.ts', undefined], "Expected extend('./parent.ts', ...) to be given a function, got undefined."],
])('refuses to extend with the arguments %j', (given, message) => {
  expect(() => (extend as (...given: unknown[]) => unknown)(...given)).toThrow(
    expect.objectContaining({ code: 'E_EXPERIMENT', message }),
  );
});

it('a value inherited as it is and one derived from it leave their markers', () => {
  const twice = (x: number): number => x * 2;
  expect(markerOf(inherit())).toEqual({ kind: 'inherit' });
  expect(markerOf(inherit(twice))).toEqual({ kind: 'inherit', transform: twice });
});

it.each([null, 3, 'x', undefined, []])('refuses %j where a function is due, at once', (value) => {
  for (const mark of [inherit, append, prepend] as Array<(value: unknown) => unknown>) {
    expect(() => mark(value)).toThrow(expect.objectContaining({ code: 'E_EXPERIMENT' }));
  }
  expect(() => inherit(value as never)).toThrow(/^Expected inherit\(\.\.\.\) to be given a function, got /);
});

it('hooks that are added, replaced or only declared leave their markers', () => {
  const hook = (): number => 1;
  expect(markerOf(append(hook))).toEqual({ kind: 'append', value: hook });
  expect(markerOf(prepend(hook))).toEqual({ kind: 'prepend', value: hook });
  expect(markerOf(replace(hook))).toEqual({ kind: 'replace', value: hook });
  expect(markerOf(replace({ kind: 'cnn' }))).toEqual({ kind: 'replace', value: { kind: 'cnn' } });
  expect(markerOf(hookPoint())).toEqual({ kind: 'point' });
});
