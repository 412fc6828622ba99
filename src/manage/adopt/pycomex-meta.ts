import type { ErrorRecord } from '../../archive/layout.ts';
import { setField } from '../../codec/own-field.ts';
import { ComexError, kindOf } from '../../errors.ts';
import { type Fields, fieldsOf, textOf } from './fields.ts';
import type { FoundParameter } from './found.ts';

/** What is read from the metadata, or is true of every run. */
const KNOWN = new Set([
  'name',
  'namespace',
  'base_path',
  'status',
  'start_time',
  'end_time',
  'duration',
  'has_error',
  'error_type',
  'description',
  'short_description',
  'parameters',
  'hooks',
  '__track__',
]);
/** Its own parameters as they are when nobody sets them: no more is said of those than comex says of its own. */
const DEFAULTS: Fields = {
  __DEBUG__: false,
  __TESTING__: false,
  __REPRODUCIBLE__: false,
  __PREFIX__: '',
  __CACHING__: true,
  __INCLUDE__: null,
  __OPTUNA__: false,
  __OPTUNA_REPETITIONS__: 1,
  __NOTIFY__: true,
};
/** Folders that PyComex itself names: `[prefix__]17_11_2025__10_20__AbCd`. */
const OWN_NAME = /^\d\d_\d\d_\d{4}__\d\d_\d\d__\w{4}$/;
/** From 1990 to 2200, in seconds since the epoch: what is outside of that is no time of a run. */
const [EARLIEST, LATEST] = [631_152_000, 7_258_118_400];

/** When a run of PyComex began, ended and how long it took. */
export interface PyComexTimes {
  readonly startedAt: Date;
  readonly endedAt?: Date;
  readonly durationMs?: number;
}

/** @throws ComexError `E_DATA` when there is no start */
export function timesOf(meta: Fields): PyComexTimes {
  const startedAt = dateOf(meta.start_time);
  if (startedAt === undefined) {
    const { start_time: start } = meta;
    const came = typeof start === 'number' || typeof start === 'string' ? JSON.stringify(start) : kindOf(start);
    throw new ComexError('E_DATA', `its "start_time" is ${came}, and not seconds since 1970`);
  }
  const endedAt = dateOf(meta.end_time);
  const { duration } = meta;
  const lasted =
    typeof duration === 'number' && Number.isFinite(duration) && duration >= 0
      ? duration * 1000
      : endedAt === undefined
        ? undefined
        : Math.max(0, endedAt.getTime() - startedAt.getTime());
  return {
    startedAt,
    ...(endedAt === undefined ? {} : { endedAt }),
    ...(lasted === undefined ? {} : { durationMs: Math.round(lasted * 1000) / 1000 }),
  };
}

function dateOf(seconds: unknown): Date | undefined {
  const isTime = typeof seconds === 'number' && seconds >= EARLIEST && seconds <= LATEST;
  return isTime ? new Date(Math.round(seconds * 1000)) : undefined;
}

/** The parameters by name, in the order of the file, without its own ones that nobody set. */
export function parametersOf(meta: Fields, remark: (text: string) => void): Map<string, FoundParameter> {
  const parameters = new Map<string, FoundParameter>();
  for (const [name, record] of Object.entries(fieldsOf(meta.parameters) ?? {})) {
    const fields = fieldsOf(record);
    // The word that inherits has a global of its own, which PyComex takes for a parameter.
    if (fields === undefined || (name === 'INHERIT' && !('value' in fields))) continue;
    if (Object.hasOwn(DEFAULTS, name) && DEFAULTS[name] === fields.value) continue;
    const type = textOf(fields.type);
    const doc = textOf(fields.description);
    if (fields.usable === false) remark(`${name} is kept as text: PyComex had no other form for its value`);
    parameters.set(name, {
      ...('value' in fields ? { value: fields.value } : {}),
      ...(type === undefined ? {} : { type }),
      ...(doc === undefined ? {} : { doc }),
    });
  }
  return parameters;
}

export function hooksOf(meta: Fields): Record<string, { doc?: string }> {
  const hooks: Record<string, { doc?: string }> = {};
  for (const [name, record] of Object.entries(fieldsOf(meta.hooks) ?? {})) {
    const doc = textOf(fieldsOf(record)?.description);
    setField(hooks, name, doc === undefined ? {} : { doc });
  }
  return hooks;
}

/** The namespace without the folder that PyComex puts before all of them. */
export function namespaceOf(meta: Fields): string | undefined {
  const parts = (textOf(meta.namespace) ?? '').replaceAll('\\', '/').split('/');
  const named = parts.filter((part) => part !== '' && part !== '.');
  if (named.length > 1 && named[0] === 'results') named.shift();
  return named.length === 0 ? undefined : named.join('/');
}

/** A name that its user gave; those that PyComex makes say when it began, and nothing more. */
export function titleOf(folderName: string): string | undefined {
  return OWN_NAME.test(folderName) || folderName === 'debug' ? undefined : folderName;
}

/** What ended a run, as far as the log tells it: the metadata only have the name of its class. */
export function errorOf(meta: Fields, logged: readonly string[]): ErrorRecord | undefined {
  const name = textOf(meta.error_type) ?? (meta.has_error === true || meta.status === 'failed' ? 'Error' : undefined);
  if (name === undefined) return undefined;
  const begin = logged.findIndex((line) => line.startsWith('Traceback (most recent call last)'));
  const short = name.slice(name.lastIndexOf('.') + 1);
  const end = logged.findLastIndex((line) => line.startsWith(`${short}:`) || line.startsWith(`${name}:`));
  const said = end < 0 ? logged[0] : logged[end]!.slice(logged[end]!.indexOf(':') + 1);
  const message = textOf(said)?.trim() ?? 'PyComex kept no message';
  const stack = begin >= 0 && end > begin ? logged.slice(begin, end + 1).join('\n') : undefined;
  return { name, message, ...(stack === undefined ? {} : { stack }) };
}

/** What other parts of PyComex have put into the metadata, such as `__optuna__`. */
export function moreOf(meta: Fields): Record<string, unknown> {
  const more: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(meta)) if (!KNOWN.has(name)) setField(more, name, value);
  return more;
}
