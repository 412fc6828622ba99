import { isMap } from 'yaml';
import { plannedFolder } from '../../archive/folder.ts';
import { ComexError } from '../../errors.ts';
import { namesIn } from './interpolate.ts';
import { readParameters } from './parameters.ts';
import type { Report } from './report.ts';
import type { ConfigPath, ConfigSource } from './source.ts';
import { type ConfigNode, describe, type Entry, type TreeReader } from './tree.ts';

/** The known keys of a YAML experiment, read as what they hold; what is wrong is reported, and left out. */
export class Fields {
  private readonly entries: ReadonlyMap<string, Entry>;
  private readonly reader: TreeReader;
  private readonly literal: TreeReader;
  private readonly report: Report;

  /** @param literal A reader that leaves environment variables alone. */
  constructor(entries: ReadonlyMap<string, Entry>, reader: TreeReader, literal: TreeReader, report: Report) {
    this.entries = entries;
    this.reader = reader;
    this.literal = literal;
    this.report = report;
  }

  text<Key extends 'name' | 'description' | 'namespace' | 'note'>(key: Key): { [key in Key]?: string } {
    const node = this.read(key);
    if (node === undefined || !this.isText(node, key, 'a text')) return {};
    const wrong = key === 'name' || key === 'namespace' ? whyNoFolder(key, node.value) : undefined;
    if (wrong === undefined) return { [key]: node.value } as { [key in Key]?: string };
    const message = `Expected ${key} to be usable for folders on every system, got ${describe(node)}.`;
    // What an environment variable holds is not for everyone to read.
    this.report.add(node.offset, node.interpolated ? message : wrong);
    return {};
  }

  tags(): string[] {
    const node = this.read('tags');
    if (node === undefined || (node.kind === 'scalar' && node.value === null)) return [];
    const what = 'a list of texts or a text with commas';
    if (node.kind !== 'list') return this.isText(node, 'tags', what) ? unique(node.value.split(',')) : [];
    return unique(node.items.flatMap((item) => (this.isText(item, 'a tag', 'a text') ? [item.value] : [])));
  }

  /** Paths are literal: the same file whatever the environment. */
  paths(key: 'extend' | 'include'): ConfigPath[] {
    const entry = this.entries.get(key);
    const node = entry === undefined ? undefined : this.literal.read(entry.value, entry.offset);
    if (node === undefined) return [];
    if (key === 'extend') return this.path(node, key, 'the path of an experiment');
    if (node.kind === 'scalar' && node.value === null) return [];
    if (node.kind !== 'list') return this.path(node, key, 'a path or a list of paths');
    return node.items.flatMap((item) => this.path(item, 'a path in include', 'a text'));
  }

  parameters(): ConfigSource['parameters'] {
    const entry = this.entries.get('parameters');
    const map = entry?.value === undefined ? undefined : this.reader.resolved(entry.value);
    if (entry === undefined || map === undefined) return [];
    if (isMap(map) && map.tag === undefined) {
      const entries = this.reader.entries(map);
      return entries === undefined ? [] : readParameters(entries, this.reader, this.report);
    }
    const node = this.reader.read(entry.value, entry.offset);
    if (node === undefined || (node.kind === 'scalar' && node.value === null)) return [];
    const got = node.kind === 'map' ? 'one with a tag' : describe(node);
    this.report.add(node.offset, `Expected parameters to be a mapping of names to values, got ${got}.`);
    return [];
  }

  private read(key: string): ConfigNode | undefined {
    const entry = this.entries.get(key);
    return entry === undefined ? undefined : this.reader.read(entry.value, entry.offset);
  }

  private path(node: ConfigNode, what: string, expected: string): ConfigPath[] {
    if (!this.isText(node, what, expected)) return [];
    const isLiteral = namesIn(node.value).length === 0;
    if (isLiteral && node.value !== '') {
      return [{ specifier: node.value, line: this.report.place(node.offset).line }];
    }
    const wanted = isLiteral ? expected : 'literal, without environment variables';
    this.report.add(node.offset, `Expected ${what} to be ${wanted}, got ${describe(node)}.`);
    return [];
  }

  private isText(
    node: ConfigNode,
    what: string,
    expected: string,
  ): node is ConfigNode & { kind: 'scalar'; value: string } {
    if (node.kind === 'scalar' && typeof node.value === 'string') return true;
    const quoted = node.kind === 'scalar' && node.value !== null ? ` Write it in quotes: "${node.written}".` : '';
    this.report.add(node.offset, `Expected ${what} to be ${expected}, got ${describe(node)}.${quoted}`);
    return false;
  }
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts.map((text) => text.trim()).filter((text) => text !== ''))];
}

/** Why a text cannot name a folder of runs on every system. */
function whyNoFolder(key: 'name' | 'namespace', text: string): string | undefined {
  const unsafe = key === 'name' ? /[/<>:"|?*\p{Cc}]/u : /[<>:"|?*\p{Cc}]/u;
  const [character] = unsafe.exec(text) ?? [];
  if (character !== undefined) {
    const what = `Expected ${key} to be usable for folders on every system, got ${JSON.stringify(text)}`;
    return `${what}. Leave out ${JSON.stringify(character)}.`;
  }
  try {
    // By the rules that a run's folder is made by.
    plannedFolder({ results: '', namespace: text, prefix: '', debug: true, now: new Date(0) });
    return undefined;
  } catch (error) {
    if (error instanceof ComexError) {
      return error.message
        .replace('the namespace', key)
        .replace(/ Use a name such as .*$/s, ' Use a text such as "small".');
    }
    throw error;
  }
}
