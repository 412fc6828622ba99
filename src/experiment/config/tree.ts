import { type Alias, isAlias, isMap, isScalar, isSeq, type Node, type Pair, type Scalar, type YAMLMap } from 'yaml';
import { shown } from '../source/check.ts';
import type { ConfigDocument } from './document.ts';
import { type Environment, interpolate } from './interpolate.ts';
import { clipped, MAX_DEPTH } from './limits.ts';
import type { Report } from './report.ts';

/** A value of the file, with environment variables in place, and where it stands. */
export type ConfigNode =
  | {
      readonly kind: 'scalar';
      readonly offset: number;
      readonly value: unknown;
      /** As the file has it, without quotes. */
      readonly written: string;
      /** Whether environment variables went into it. */
      readonly interpolated: boolean;
    }
  | { readonly kind: 'list'; readonly offset: number; readonly items: readonly ConfigNode[] }
  | {
      readonly kind: 'map';
      readonly offset: number;
      readonly fields: ReadonlyMap<string, ConfigField>;
      /** Whether it is tagged `!replace`. */
      readonly replaced: boolean;
    };

export interface ConfigField {
  /** Of the key. */
  readonly offset: number;
  readonly node: ConfigNode;
}

/** A key and its value, which is not looked into yet. */
export interface Entry {
  readonly offset: number;
  readonly value: Node | undefined;
}

const REPLACE = '!replace';
const CORE_TAG = 'tag:yaml.org,2002:';
/** What merge keys may copy, before it is taken for an attack. */
const MAX_MERGED = 10_000;

/** Reads the nodes of a document. What is wrong is reported once, and undefined. */
export class TreeReader {
  /** Names of the environment variables that texts refer to. */
  readonly variables = new Set<string>();
  private readonly known = new Map<Node, ConfigNode | undefined>();
  private readonly knownEntries = new Map<YAMLMap, ReadonlyMap<string, Entry> | undefined>();
  private readonly open = new Set<Node>();
  private merged = 0;
  private readonly document: ConfigDocument;
  private readonly env: Environment | undefined;
  private readonly report: Report;

  /** @param env Undefined to take texts as they are. */
  constructor(document: ConfigDocument, env: Environment | undefined, report: Report) {
    this.document = document;
    this.env = env;
    this.report = report;
  }

  /** The node itself, behind an alias; undefined for an alias of nothing. */
  resolved(node: Node): Exclude<Node, Alias> | undefined {
    return (isAlias(node) ? this.document.targets.get(node) : node) as Exclude<Node, Alias> | undefined;
  }

  /** @param at Where to report what a missing value stands for. */
  read(value: Node | undefined, at: number): ConfigNode | undefined {
    if (value === undefined) return { kind: 'scalar', offset: at, value: null, written: '', interpolated: false };
    const node = this.resolved(value);
    if (node === undefined) return undefined;
    if (this.known.has(node)) return this.known.get(node);
    if (this.isTooDeep(node, value)) return undefined;
    this.open.add(node);
    const result = isScalar(node) ? this.scalar(node) : this.collection(node);
    this.open.delete(node);
    this.known.set(node, result);
    return result;
  }

  /** The keys of a mapping, and those that it merges from others; undefined when one is wrong. */
  entries(map: YAMLMap): ReadonlyMap<string, Entry> | undefined {
    if (this.knownEntries.has(map)) return this.knownEntries.get(map);
    const found = this.ownEntries(map);
    this.knownEntries.set(map, found);
    return found;
  }

  private ownEntries(map: YAMLMap): Map<string, Entry> | undefined {
    const own = new Map<string, Entry>();
    const merges: Node[] = [];
    let isRight = true;
    for (const pair of map.items as Pair<Node | null, Node | null>[]) {
      const offset = pair.key?.range?.[0] ?? map.range![0];
      const key = this.key(pair.key, offset);
      const first = key === undefined ? undefined : own.get(key);
      if (key === undefined) isRight = false;
      else if (isMergeKey(pair.key) && pair.value !== null) merges.push(pair.value);
      else if (first === undefined) own.set(key, { offset, value: pair.value ?? undefined });
      else {
        const { line } = this.report.place(first.offset);
        this.report.add(offset, `Expected each key once, got "${clipped(key)}" again, after line ${line}.`);
        isRight = false;
      }
    }
    for (const source of merges) if (!this.merge(own, source, map)) isRight = false;
    return isRight ? own : undefined;
  }

  /** Adds the keys of `<<: *base` or `<<: [*first, *second]` that are not there yet. */
  private merge(into: Map<string, Entry>, source: Node, within: YAMLMap): boolean {
    const node = this.resolved(source);
    const sources = node !== undefined && isSeq(node) ? (node.items as Node[]) : [source];
    this.open.add(within);
    const isRight = sources.every((item) => this.mergeOne(into, item));
    this.open.delete(within);
    return isRight;
  }

  private mergeOne(into: Map<string, Entry>, source: Node): boolean {
    const map = this.resolved(source);
    if (map === undefined || this.isTooDeep(map, source)) return false;
    const offset = source.range![0];
    if (!isMap(map)) {
      this.report.add(offset, 'Expected "<<" to merge a mapping or a list of mappings, got another value.');
      return false;
    }
    const entries = this.entries(map);
    this.merged += entries?.size ?? 0;
    if (this.merged > MAX_MERGED) {
      this.report.add(offset, `Expected merge keys to copy at most ${MAX_MERGED} keys, got more.`);
      return false;
    }
    for (const [key, entry] of entries ?? []) if (!into.has(key)) into.set(key, entry);
    return entries !== undefined;
  }

  private key(key: Node | null, offset: number): string | undefined {
    if (key !== null && isScalar(key)) {
      const text = typeof key.value === 'string' ? key.value : (key.source ?? '');
      if (text !== '' || key.type !== 'PLAIN') return text;
    }
    const what = key === null || isScalar(key) ? 'none' : isAlias(key) ? 'an alias' : 'a list or mapping';
    this.report.add(offset, `Expected a text for a key, got ${what}.`);
    return undefined;
  }

  /** Whether aliases make a value contain itself, or nearly so. */
  private isTooDeep(node: Node, source: Node): boolean {
    if (this.open.has(node)) {
      this.report.add(
        source.range![0],
        'Expected a value that does not contain itself, got an alias of what it is in.',
      );
      return true;
    }
    if (this.open.size <= MAX_DEPTH) return false;
    this.report.add(source.range![0], `Expected at most ${MAX_DEPTH} levels of nesting, aliases followed, got more.`);
    return true;
  }

  private collection(node: Node): ConfigNode | undefined {
    const offset = node.range![0];
    const { tag } = node as { tag?: string };
    if (isSeq(node)) {
      if (!this.fits(tag, `${CORE_TAG}seq`, offset)) return undefined;
      const items = (node.items as (Node | null)[]).map((item) => this.read(item ?? undefined, offset));
      return items.every((item) => item !== undefined) ? { kind: 'list', offset, items } : undefined;
    }
    if (!isMap(node) || !(tag === REPLACE || this.fits(tag, `${CORE_TAG}map`, offset))) return undefined;
    const entries = this.entries(node);
    const fields = new Map<string, ConfigField>();
    for (const [key, entry] of entries ?? []) {
      const value = this.read(entry.value, entry.offset);
      if (value !== undefined) fields.set(key, { offset: entry.offset, node: value });
    }
    return fields.size === entries?.size ? { kind: 'map', offset, fields, replaced: tag === REPLACE } : undefined;
  }

  private scalar(node: Scalar): ConfigNode | undefined {
    const offset = node.range![0];
    const written = node.source ?? '';
    const value = this.scalarValue(node, written, offset);
    if (value === undefined) return undefined;
    if (typeof value !== 'string' || this.env === undefined) {
      return { kind: 'scalar', offset, value, written, interpolated: false };
    }
    const { text, names, unset, unclosed } = interpolate(value, this.env);
    for (const name of names) this.variables.add(name);
    for (const name of new Set(unset)) {
      const advice = `Set it, or write \${${name}:-default}`;
      this.report.add(
        this.placeOf(name, node),
        `Expected the environment variable ${name} to be set, as the value needs it. ${advice}.`,
        name,
      );
    }
    if (unclosed !== undefined) {
      this.report.add(
        this.placeOf(unclosed, node),
        `Expected "}" behind "\${${unclosed}", found none in the value. Write $$ for a dollar sign.`,
      );
    }
    if (unset.length > 0 || unclosed !== undefined) return undefined;
    return { kind: 'scalar', offset, value: text, written: value, interpolated: names.length > 0 };
  }

  /** The value that the core schema of YAML 1.2 gives; undefined when there is none. */
  private scalarValue({ value, tag }: Scalar, written: string, offset: number): unknown {
    if (tag !== undefined && tag !== '!') {
      const isWholeFloat = tag === `${CORE_TAG}float` && /^[-+]?\d+$/.test(written);
      if (isWholeFloat) return Number(written);
      if (!this.fits(tag, CORE_TAG + kindOf(value), offset)) return undefined;
    }
    if (typeof value === 'bigint') {
      if (/^-0+$/.test(written)) return -0;
      return Number.isSafeInteger(Number(value)) ? Number(value) : value;
    }
    if (typeof value === 'number' && !Number.isFinite(value) && !/inf|nan/i.test(written)) {
      const least = value < 0 ? '-.inf' : '.inf';
      this.report.add(offset, `Expected a number below 1.8e308, got ${clipped(written)}. Write ${least} for infinity.`);
      return undefined;
    }
    return value;
  }

  private fits(tag: string | undefined, expected: string, offset: number): boolean {
    if (tag === undefined || tag === '!' || tag === expected) return true;
    const name = tag.startsWith(CORE_TAG) ? `!!${tag.slice(CORE_TAG.length)}` : tag;
    const advice =
      tag === REPLACE
        ? 'Other values replace what they are given for anyway; write it without the tag'
        : 'Write the value as it is, or as a text in quotes: it is converted to the type of its parameter';
    const what = tag === REPLACE ? '!replace before a mapping only' : 'no tags but !replace';
    this.report.add(offset, `Expected ${what}, got ${tag === REPLACE ? 'another value' : clipped(name)}. ${advice}.`);
    return false;
  }

  /** Where a variable stands in a scalar that may have many lines. */
  private placeOf(name: string, { range }: Scalar): number {
    const [start, end] = range!;
    const found = this.document.text.indexOf(`\${${name}`, start);
    return found >= 0 && found < end ? found : start;
  }
}

function isMergeKey(key: Node | null): boolean {
  return isScalar(key) && key.type === 'PLAIN' && key.value === '<<' && key.tag === undefined;
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value === 'bigint') return 'int';
  return typeof value === 'number' ? 'float' : typeof value === 'boolean' ? 'bool' : 'str';
}

/** A node for a message, with its environment variables by name. */
export function describe(node: ConfigNode): string {
  if (node.kind === 'map') return 'a mapping';
  if (node.kind === 'list') return 'a list';
  if (node.value === null) return node.written === '' ? 'nothing' : 'null';
  if (typeof node.value === 'string') return shown(node.written).replace(/^string/, 'the text');
  return `the ${typeof node.value} ${clipped(node.written)}`;
}
