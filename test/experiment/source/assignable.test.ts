import { describe, expect, test } from 'vitest';
import type { ParameterType } from '../../../src/experiment/definition.ts';
import { assignable } from '../../../src/experiment/source/assignable.ts';
import { readModule } from '../../../src/experiment/source/read-module.ts';

const read = (declaration: string): ParameterType =>
  readModule(
    '/x/a.ts',
    `type Model = { kind: 'mlp'; hidden: number } | { kind: 'cnn'; channels: number[] };\n${declaration}`,
  ).parameters[0]!.type;
const annotated = (text: string): ParameterType => read(`export let A: ${text};`);
const inferred = (text: string): ParameterType => read(`export const A = ${text};`);

describe('a type that a child declares', () => {
  test.each<[from: string, to: string]>([
    ['number', 'number'],
    ['number', 'number | string'],
    ['number | string', 'string | number | null'],
    ["'a'", 'string'],
    ["'a'", "'a' | 'b'"],
    ['true', 'boolean'],
    ['5', '5 | 6'],
    ['any', 'number'],
    ['number', 'unknown'],
    ['Imported', 'number'],
    ['number', 'Imported'],
    ['string', 'number | Imported'],
    ['Imported | number', 'number'],
    ['Date', 'Date'],
    ['() => void', 'Function'],
    ['number[]', 'number[]'],
    ['[number, number]', 'number[]'],
    ['[number, 5]', '[number, number]'],
    ['5[]', '(number | string)[]'],
    ['{ a: number }', '{ a: number }'],
    ['{ a: number }', '{ a: number | string; b?: string }'],
    ['{ a: number }', '{ a: number; b: string | undefined }'],
    ['{ a?: number }', '{ a?: number }'],
    ['{ a: number; b: 5 }', 'Record<string, number>'],
    ['Record<string, 5>', 'Record<string, number>'],
    ["{ kind: 'cnn'; channels: number[] }", 'Model'],
    ['Model', 'Model'],
    ['Model[]', 'Model[]'],
    ['null', 'number | null'],
  ])('%s stands for %s', (from, to) => {
    expect(assignable(annotated(from), annotated(to))).toBe(true);
  });

  test.each<[from: string, to: string]>([
    ['number', 'string'],
    ['number | string', 'number'],
    ["'c'", "'a' | 'b'"],
    ['true', 'false'],
    ['5', "'5'"],
    ['bigint', 'number'],
    ['null', 'number'],
    ['undefined', 'null'],
    ['number', 'number[]'],
    ['number[]', 'number'],
    ['string[]', 'number[]'],
    ['[number, string]', 'number[]'],
    ['[number]', '[number, number]'],
    ['[string, number]', '[number, string]'],
    ['{ a: number }', '{ a: string }'],
    ['{ a: number }', '{ a: number; b: number }'],
    ['{ a: number; c: number }', '{ a: number }'],
    ['{ a?: number }', '{ a: number }'],
    ['{ a: number; b: string }', 'Record<string, number>'],
    ['Record<string, string>', 'Record<string, number>'],
    ['Record<string, string>', '{ a: number }'],
    ['{ a: number }', 'number'],
    ["{ kind: 'cnn'; hidden: number }", 'Model'],
    ["{ kind: 'rnn'; hidden: number }", 'Model'],
    ['Date', '{ a: number }'],
    ['Function', 'string'],
  ])('%s does not stand for %s', (from, to) => {
    expect(assignable(annotated(from), annotated(to))).toBe(false);
  });
});

describe('a type that is inferred from a child’s value', () => {
  test.each<[value: string, to: string]>([
    ["'adam'", "'adam' | 'sgd'"],
    ['5', '5 | 6'],
    ['true', 'true'],
    ['[1, 2]', '[number, number]'],
    ["[1, 'a']", '[number, string]'],
    ['[]', 'string[]'],
    ['null', 'number'],
    ['{}', '{ a: number }'],
    ["{ kind: 'cnn', channels: [8] }", 'Model'],
    ["[{ kind: 'cnn', channels: [8] }, { kind: 'mlp', hidden: 1 }]", 'Model[]'],
    ['helper()', 'number'],
  ])('%s stands for %s', (value, to) => {
    expect(assignable(inferred(value), annotated(to))).toBe(true);
  });

  test.each<[value: string, to: string]>([
    ["'adam'", 'number'],
    ['5', "'a' | 'b'"],
    ["['a']", 'number[]'],
    ["['a']", '[number]'],
    ['{ hidden: 3 }', 'Model'],
    ["{ kind: 'mlp', hidden: 'x' }", 'Model'],
  ])('%s does not stand for %s', (value, to) => {
    expect(assignable(inferred(value), annotated(to))).toBe(false);
  });

  test.each<[value: string, to: string, expected: boolean]>([
    ['{ hidden: 3 }', 'Model', true],
    ['{ a: { b: 1 } }', '{ a: { b: number; c: number }; d: string }', true],
    ['{ a: { x: 1 } }', '{ a: { b: number } }', false],
    ["{ hidden: 'x' }", 'Model', false],
    ['{ layers: [{}] }', '{ layers: { a: number }[] }', true],
    ['{ layers: [{ a: 1 }] }', '{ layers: { a: number; b: number }[] }', false],
    ['{ wrong: 1 }', '{ a: number }', false],
  ])('%s sets fields of %s: %s', (value, to, expected) => {
    expect(assignable(inferred(value), annotated(to), { partial: true })).toBe(expected);
  });
});
