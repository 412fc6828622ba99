import type { LookScope } from '../../src/cli/look-scope.ts';
import { encode } from '../../src/codec/json.ts';
import { STARTED } from './run-folders.ts';

/** What a command printed. */
export interface Seen {
  out: string;
  err: string;
}

/** A terminal without colour, or with `tty: false` a pipe; what is written to it is kept. */
export function scopeOf(
  results: string,
  how: { json?: boolean; columns?: number; unicode?: boolean; tty?: boolean; color?: boolean; cwd?: string } = {},
): LookScope & { readonly seen: Seen } {
  const seen: Seen = { out: '', err: '' };
  return {
    results,
    cwd: how.cwd ?? results,
    json: how.json ?? false,
    tty: how.tty ?? true,
    out: (text) => {
      seen.out += text;
    },
    err: (text) => {
      seen.err += text;
    },
    screen: { columns: how.columns ?? 80, color: how.color ?? false, unicode: how.unicode ?? true },
    now: STARTED + 3 * 3_600_000,
    seen,
  };
}

/** The widest line. */
export function widthOf(text: string): number {
  return Math.max(...text.split('\n').map((line) => [...line].length));
}

/** Lines of JSON. */
export function jsonLines(...values: unknown[]): string {
  return values.map((value) => `${encode(value)}\n`).join('');
}

/** A track segment with these points. */
export function trackOf(...points: unknown[]): string {
  return jsonLines({ format: 1, attempt: 1, origin: '2026-01-31T12:00:00.000Z' }, ...points);
}

/** Texts that would do harm on a terminal. */
export const HARMFUL = '\x1b[2J\x1b]0;owned\x07\u202e<script>\n\r\u2028';
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
export const CONTROLS = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e]/;
