import { isParameterName, upperSnake } from '../source/tree.ts';
import { clipped, MAX_DEPTH } from './limits.ts';
import type { Report } from './report.ts';
import { type ConfigParameter, type ConfigPlace, pointerBelow } from './source.ts';
import type { ConfigField, ConfigNode, Entry, TreeReader } from './tree.ts';

/** What aliases may multiply the values of a file to, before it is taken for an attack. */
const MAX_VALUES = 100_000;

/** The parameters that a mapping gives; those that are wrong are reported, and left out. */
export function readParameters(
  entries: ReadonlyMap<string, Entry>,
  reader: TreeReader,
  report: Report,
): ConfigParameter[] {
  const found = new Map<string, ConfigField | undefined>();
  for (const [key, { offset, value }] of entries) {
    const node = reader.read(value, offset);
    const path = key.split('.');
    const name = path[0]!;
    if (!isRightKey(path, key, offset, report)) continue;
    const given = node === undefined ? undefined : { offset, node: nested(path.slice(1), node, offset) };
    const before = found.get(name);
    if (before !== undefined && given !== undefined) found.set(name, combined(before, given, name, report));
    else found.set(name, found.has(name) ? undefined : given);
  }
  const budget = { left: MAX_VALUES };
  return [...found].flatMap(([name, field]) => {
    const parameter = field === undefined ? undefined : flattened(name, field, report, budget);
    return parameter === undefined ? [] : [parameter];
  });
}

function isRightKey(path: readonly string[], key: string, offset: number, report: Report): boolean {
  const shown = clipped(key);
  if (path.includes('')) {
    report.add(offset, `Expected the name of a parameter such as MODEL or MODEL.hidden, got "${shown}".`);
    return false;
  }
  if (isParameterName(path[0]!)) return true;
  const first = upperSnake(path[0]!);
  const upper = [first, ...path.slice(1)].join('.');
  const advice = isParameterName(first) ? ` Did you mean "${clipped(upper)}"?` : '';
  report.add(offset, `Expected the UPPERCASE name of a parameter, got "${shown}".${advice}`);
  return false;
}

/** `MODEL.a.b: 1` is `MODEL: { a: { b: 1 } }`. */
function nested(path: readonly string[], node: ConfigNode, offset: number): ConfigNode {
  return path.reduceRight<ConfigNode>(
    (inner, key) => ({ kind: 'map', offset, fields: new Map([[key, { offset, node: inner }]]), replaced: false }),
    node,
  );
}

/** A parameter that several keys give fields of; undefined when they give the same one. */
function combined(first: ConfigField, second: ConfigField, name: string, report: Report): ConfigField | undefined {
  const [a, b] = [first.node, second.node];
  if (a.kind !== 'map' || b.kind !== 'map') {
    const { line } = report.place(first.offset);
    report.add(second.offset, `Expected ${clipped(name)} once, got it again, after line ${line}.`);
    return undefined;
  }
  const fields = new Map(a.fields);
  for (const [key, field] of b.fields) {
    const before = fields.get(key);
    const both = before === undefined ? field : combined(before, field, `${name}.${key}`, report);
    if (both === undefined) return undefined;
    fields.set(key, both);
  }
  return { offset: first.offset, node: { ...a, fields, replaced: a.replaced || b.replaced } };
}

function flattened(
  name: string,
  field: ConfigField,
  report: Report,
  budget: { left: number },
): ConfigParameter | undefined {
  const texts = new Set<string>();
  const replaced = new Set<string>();
  const places = new Map<string, ConfigPlace>();
  let isTooDeep = false;
  const plain = ({ offset, node }: ConfigField, pointer: string, depth: number): unknown => {
    if (depth > MAX_DEPTH) isTooDeep = true;
    if (isTooDeep || budget.left-- <= 0) return undefined;
    places.set(pointer, {
      ...report.place(offset),
      ...(node.kind === 'scalar' ? { written: node.written } : {}),
    });
    if (node.kind === 'scalar') {
      if (node.interpolated) texts.add(pointer);
      return node.value;
    }
    if (node.kind === 'list') {
      return node.items.map((item, i) =>
        plain({ offset: item.offset, node: item }, pointerBelow(pointer, i), depth + 1),
      );
    }
    if (node.replaced) replaced.add(pointer);
    const fields = [...node.fields].map(([key, inner]): [string, unknown] => [
      key,
      plain(inner, pointerBelow(pointer, key), depth + 1),
    ]);
    return Object.fromEntries(fields);
  };
  const hadRoom = budget.left >= 0;
  const value = plain(field, '', 0);
  if (isTooDeep) {
    report.add(field.offset, `Expected at most ${MAX_DEPTH} levels of nesting, aliases followed, got more.`);
    return undefined;
  }
  if (budget.left < 0) {
    if (hadRoom) report.add(field.offset, `Expected at most ${MAX_VALUES} values, aliases followed, got more.`);
    return undefined;
  }
  return { name, ...report.place(field.offset), value, texts, replaced, places };
}
