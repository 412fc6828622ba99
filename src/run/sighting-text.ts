import type { SightingRecord } from '../archive/layout.ts';

/** A sighting in one line: `clock: Date.now, 3 times, first at experiments/x.ts:12`. */
export function sightingText({ kind, what, count, where, through }: SightingRecord): string {
  if (kind === 'file') return `file: ${what} is named in the code, and was not kept`;
  if (kind === 'secret') return `secret: ${what} was given, and is kept nowhere`;
  if (kind === 'environment') return `environment: ${what} depends on it, at ${where}`;
  const often = count === 1 ? 'once' : `${count} times`;
  const first = where === undefined ? '' : `, ${count === 1 ? '' : 'first '}at ${where}`;
  return `${kind}: ${what}, ${often}${through === undefined ? '' : ` through package ${through}`}${first}`;
}
