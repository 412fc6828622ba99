import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { sha256OfFile } from '../../codec/hash.ts';
import type { Two } from './compare-series.ts';
import type { Translator } from './places.ts';
import type { Finding } from './types.ts';

/** Larger texts are told apart by their hash alone. */
const TEXT_LIMIT = 16 * 1024 * 1024;
/** Longer lines are cut where they are told. */
const LINE_LIMIT = 200;

/** Compares a file of both run folders, by its bytes; of a text the places of the runs may be named in it. */
export function compareFile(path: string, runs: Two, translator: Translator): Finding | undefined {
  const files = [join(runs.original.path, path), join(runs.reproduction.path, path)] as const;
  const bytes = [statSync(files[0]).size, statSync(files[1]).size] as const;
  if (bytes[0] === bytes[1] && sha256OfFile(files[0]) === sha256OfFile(files[1])) return undefined;
  const head = { part: 'artifacts', name: path, bytes } as const;
  if (Math.max(...bytes) > TEXT_LIMIT) return head;
  const [then, now] = [textOf(files[0]), textOf(files[1])];
  if (then === undefined || now === undefined) return head;
  const [expected, found] = [translator.text(then), translator.bare(now)];
  return expected === found ? undefined : { ...head, line: firstLine(expected, found) };
}

/** Undefined for what is no text. */
function textOf(path: string): string | undefined {
  const bytes = readFileSync(path);
  if (bytes.includes(0)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function firstLine(original: string, reproduction: string): NonNullable<Finding['line']> {
  const [then, now] = [original.split('\n'), reproduction.split('\n')];
  let index = 0;
  while (index < then.length && then[index] === now[index]) index++;
  const cut = (line = ''): string => (line.length > LINE_LIMIT ? `${line.slice(0, LINE_LIMIT)}...` : line);
  return { number: index + 1, original: cut(then[index]), reproduction: cut(now[index]) };
}
