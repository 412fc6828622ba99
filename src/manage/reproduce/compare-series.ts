import { join } from 'node:path';
import type { Series } from '../../archive/columns.ts';
import type { LoadedRun } from '../../archive/load.ts';
import { sha256OfFile } from '../../codec/hash.ts';
import { isSame, Spread } from './compare-values.ts';
import type { Translator } from './places.ts';
import type { Finding } from './types.ts';

/** A run and its reproduction. */
export interface Two {
  readonly original: LoadedRun;
  readonly reproduction: LoadedRun;
}

/** Compares one series, point by point: step, further axes and value, not the time. Undefined when all are the same. */
export function compareSeries(name: string, runs: Two, translator: Translator): Finding | undefined {
  const then = runs.original.series(name);
  const now = runs.reproduction.series(name);
  const head = { part: 'series', name } as const;
  if (then === undefined || now === undefined) {
    const count = (then ?? now)?.count ?? 0;
    return {
      ...head,
      note: `only in the ${then === undefined ? 'reproduction' : 'original'}`,
      differing: count,
      unit: 'point',
    };
  }
  const spread = new Spread();
  const moved = new Set<string>();
  const both = Math.min(then.count, now.count);
  const axes = [...new Set([...Object.keys(then.axes), ...Object.keys(now.axes)])];
  const areNumbers = then.kind === 'number' && now.kind === 'number';
  for (let i = 0; i < both; i++) {
    const isStep = Object.is(then.steps[i], now.steps[i]);
    if (!isStep) moved.add('its steps');
    const others = axes.filter((axis) => !Object.is(then.axes[axis]?.[i], now.axes[axis]?.[i]));
    for (const axis of others) moved.add(`its axis ${axis}`);
    const [a, b] = areNumbers ? [then.values[i], now.values[i]] : [valueAt(then, i), valueAt(now, i)];
    const isValue = Object.is(a, b) || isSameValue(a, b, runs, translator);
    if (!isValue) spread.add(then.steps[i]!, a, b);
    else if (!isStep || others.length > 0) spread.add(then.steps[i]!, undefined, undefined);
  }
  const more = Math.abs(then.count - now.count);
  if (spread.differing === 0 && more === 0) return undefined;
  const notes = [
    ...(moved.size === 0 ? [] : [`also ${[...moved].join(' and ')}`]),
    ...(more === 0 ? [] : [`${then.count} -> ${now.count} points`]),
  ];
  const longer = then.count > now.count ? then : now;
  return {
    ...head,
    ...spread.record,
    differing: spread.differing + more,
    of: Math.max(then.count, now.count),
    unit: 'point',
    first: spread.first ?? longer.steps[both]!,
    ...(notes.length === 0 ? {} : { note: notes.join('; ') }),
  };
}

function valueAt(series: Series, index: number): unknown {
  return series.at(index)?.value;
}

/** Texts may name the places of their runs; of images the bytes count. */
function isSameValue(a: unknown, b: unknown, { original, reproduction }: Two, translator: Translator): boolean {
  const [then, now] = [imagePath(a), imagePath(b)];
  if (then === undefined || now === undefined) return isSame(a, b, translator);
  try {
    return sha256OfFile(join(original.path, then)) === sha256OfFile(join(reproduction.path, now));
  } catch {
    return false; // one of them is not there
  }
}

function imagePath(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { $image } = value as { readonly $image?: unknown };
  return typeof $image === 'string' && !$image.includes('..') ? $image : undefined;
}
