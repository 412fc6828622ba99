import { END_STATUSES, type ErrorRecord, type WrittenStatus } from '../../archive/layout.ts';
import { statusMeant } from '../../archive/statuses.ts';
import { durationMs } from '../../codec/duration.ts';
import { momentMs } from '../../codec/moment.ts';
import { ComexError, didYouMean, kindOf } from '../../errors.ts';
import { textOf } from './fields.ts';
import type { FACTS, MapRules } from './map-rules.ts';
import type { FolderValues } from './map-values.ts';

/** What the rules say of a run beside its parameters and results. */
export interface MapFacts {
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  readonly tags: readonly string[];
  readonly startedAt?: Date | undefined;
  readonly endedAt?: Date | undefined;
  readonly durationMs?: number | undefined;
  readonly status: WrittenStatus;
  readonly evidence?: string;
  readonly error?: ErrorRecord;
}

const DAY_FIRST = /^(\d\d)[_.](\d\d)[_.](\d{4})(.*)$/;
const DATE =
  /^(\d{4})[-_./]?(\d\d)[-_./]?(\d\d)(?:[T _-]+(\d\d)[:_-]?(\d\d)(?:[:_-]?(\d\d)(?:[.,](\d{1,9}))?)?)?\s?(Z|[+-]\d\d:?\d\d)?$/i;
/** Seconds since 1970 are smaller than this until the year 5000, milliseconds larger since 1973. */
const SECONDS = 1e11;

/** @throws ComexError `E_DATA` for a date that is none, and a status that comex does not know */
export async function mapFacts({ facts }: MapRules, values: FolderValues): Promise<MapFacts> {
  const value = async (name: (typeof FACTS)[number]): Promise<unknown> => {
    const rule = facts[name];
    if (rule === undefined) return undefined;
    // Without these nothing can be told of the run; the others can be missing.
    const isNeeded = name === 'startedAt' || name === 'endedAt' || name === 'duration' || name === 'status';
    return isNeeded ? await values.required(rule, name) : await values.of(rule, name);
  };
  const startedAt = dateOf(await value('startedAt'), 'startedAt');
  const endedAt = dateOf(await value('endedAt'), 'endedAt');
  const lasted = durationOf(await value('duration'));
  if (startedAt !== undefined && endedAt !== undefined && endedAt < startedAt) {
    const both = `${startedAt.toISOString()} and ${endedAt.toISOString()}`;
    throw new ComexError('E_DATA', `Expected a run to end after it starts, got ${both}.`);
  }
  const message = textOf(await value('error'));
  const status = statusOf(await value('status'), message !== undefined);
  return {
    title: spoken(await value('title')),
    description: spoken(await value('description')),
    tags: tagsOf(await value('tags')),
    startedAt,
    endedAt,
    durationMs: lasted,
    ...status,
    ...(message === undefined ? {} : { error: { name: 'Error', message } }),
  };
}

/**
 * A date as programs and people write it: ISO 8601, `2025-11-17_09-20-00`, `20251117-092000`, `17.11.2025 09:20`, or
 * seconds or milliseconds since 1970. Without a zone it is UTC, so that a file means the same on every machine.
 */
function dateOf(value: unknown, name: string): Date | undefined {
  if (value === undefined) return undefined;
  const date = value instanceof Date ? value : typeof value === 'number' ? ofNumber(value) : ofText(value);
  if (date !== undefined && !Number.isNaN(date.getTime())) return date;
  const got = typeof value === 'string' || typeof value === 'number' ? JSON.stringify(value) : kindOf(value);
  const advice = 'Write it as 2026-01-31T12:00:00Z.';
  throw new ComexError('E_DATA', `${name}: Expected a date, got ${got}. ${advice}`);
}

function ofNumber(value: number): Date | undefined {
  // 20251117, as folders are called.
  if (/^(?:19|20)\d{6}$/.test(String(value))) return ofText(String(value));
  return value > 0 ? new Date(value < SECONDS ? Math.round(value * 1000) : value) : undefined;
}

function ofText(value: unknown): Date | undefined {
  if (typeof value !== 'string') return undefined;
  const text = value.trim().replace(DAY_FIRST, '$3-$2-$1$4');
  const parts = DATE.exec(text);
  if (parts === null) return undefined;
  const [, year, month, day, hour = '00', minute = '00', second = '00', fraction = '0', zone = 'Z'] = parts;
  const ms = momentMs(`${year}-${month}-${day}T${hour}:${minute}:${second}.${fraction}${zone}`);
  return ms === undefined ? undefined : new Date(ms);
}

/** Milliseconds of seconds, of `12m`, and of `1:02:03`. */
function durationOf(value: unknown): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'number' && value >= 0 && Number.isFinite(value)) return value * 1000;
  const text = String(value);
  const clock = /^(?:(\d+):)?(\d{1,2}):(\d\d(?:\.\d+)?)$/.exec(text);
  const ms =
    clock === null
      ? durationMs(text)
      : (Number(clock[1] ?? 0) * 3600 + Number(clock[2]) * 60 + Number(clock[3])) * 1000;
  if (ms !== undefined) return ms;
  throw new ComexError('E_DATA', `duration: Expected seconds, 90s, 20m or 1:02:03, got ${JSON.stringify(value)}.`);
}

function statusOf(value: unknown, hasError: boolean): { status: WrittenStatus; evidence?: string } {
  if (value === undefined) return { status: hasError ? 'failed' : 'done' };
  const word = String(value).trim();
  const status = statusMeant(word);
  // What is running there is not watched by comex: its process has never told an end.
  if (status === 'running' || status === 'killed') {
    return { status: 'running', evidence: `its files say ${JSON.stringify(String(value))}` };
  }
  const known = END_STATUSES.find((each) => each === status);
  if (known !== undefined) return { status: known };
  const statuses = [...END_STATUSES, 'killed'];
  const hint = didYouMean(word, statuses) || ` There are ${statuses.join(', ')}.`;
  throw new ComexError('E_DATA', `status: Expected a status, got ${JSON.stringify(value)}.${hint}`);
}

function tagsOf(value: unknown): string[] {
  const all: readonly unknown[] = Array.isArray(value) ? value : typeof value === 'string' ? value.split(',') : [];
  return [...new Set(all.map(String).map((tag) => tag.trim()))].filter((tag) => tag !== '');
}

function spoken(value: unknown): string | undefined {
  return value === undefined || value === null || typeof value === 'object' ? undefined : textOf(String(value));
}
