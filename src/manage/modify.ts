import type { NoteRecord, RunMeta } from '../archive/layout.ts';
import { loadRun } from '../archive/load.ts';
import { appendNote, type MoveNote } from '../archive/notes.ts';
import { canonical } from '../codec/json.ts';
import { ComexError, didYouMean } from '../errors.ts';
import { isParameterName } from '../experiment/source/tree.ts';
import { isSpecialName } from '../experiment/special.ts';
import { type NewValue, newValue } from './modify-value.ts';
import { stamp } from './tags.ts';

/** What is to be changed in every run of a selection. Expressions see the values from before. */
export interface Modification {
  readonly set: ReadonlyArray<{ readonly name: string; readonly value: NewValue }>;
  readonly rename: ReadonlyArray<{ readonly from: string; readonly to: string }>;
  readonly unset: readonly string[];
  readonly meta: ReadonlyArray<{ readonly name: string; readonly text: string }>;
}

/** One change of one run. `from` and `to` are absent where there is no value. */
export interface Change {
  /** `parameters.NAME`, or a field of the metadata. */
  readonly path: string;
  readonly from?: unknown;
  readonly to?: unknown;
  readonly movedFrom?: string;
}

/** What would become of one run. */
export interface Plan {
  readonly id: string;
  readonly namespace: string;
  readonly folder: string;
  readonly changes: readonly Change[];
  /** Why it cannot be changed; then nothing of it is. */
  readonly problem?: string;
}

/** Fields that only describe: nothing else depends on them. */
const META_FIELDS: readonly string[] = ['description', 'title', 'note', 'module', 'root'];
const NAME = /^[\p{L}_$][\p{L}\p{N}_$]*$/u;

/**
 * Reads what the options of a command line say.
 *
 * @throws ComexError `E_USAGE` when nothing is to be changed, or a text is no `NAME=VALUE`
 */
export function readModification(options: {
  readonly set?: readonly string[] | undefined;
  readonly rename?: readonly string[] | undefined;
  readonly unset?: readonly string[] | undefined;
  readonly setMeta?: readonly string[] | undefined;
}): Modification {
  const set = (options.set ?? []).map((text) => {
    const [name, value] = pair(text, '--set', 'NAME=VALUE');
    return { name: parameterName(name, '--set'), value: newValue(value) };
  });
  const rename = (options.rename ?? []).map((text) => {
    const [from, to] = pair(text, '--rename', 'OLD=NEW');
    return { from: parameterName(from, '--rename'), to: newName(parameterName(to, '--rename')) };
  });
  const unset = (options.unset ?? []).map((name) => parameterName(name, '--unset'));
  const meta = (options.setMeta ?? []).map((text) => {
    const [name, value] = pair(text, '--set-meta', 'FIELD=TEXT');
    if (META_FIELDS.includes(name)) return { name, text: value };
    const known = `It can be ${META_FIELDS.join(', ')}.`;
    throw new ComexError(
      'E_USAGE',
      `Expected --set-meta FIELD=TEXT, got the field "${name}".${didYouMean(name, META_FIELDS)} ${known}`,
    );
  });
  if (set.length + rename.length + unset.length + meta.length === 0) {
    throw new ComexError(
      'E_USAGE',
      'Expected a change: --set NAME=VALUE, --rename OLD=NEW, --unset NAME or --set-meta FIELD=TEXT.',
    );
  }
  const touched = [...set.map(({ name }) => name), ...rename.flatMap(({ from, to }) => [from, to]), ...unset];
  const twice = touched.find((name, index) => touched.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new ComexError('E_USAGE', `Expected one change of ${twice}, got several. Make them one after the other.`);
  }
  return { set, rename, unset, meta };
}

/**
 * Works out what would change, without changing anything.
 *
 * @throws ComexError `E_PARAMETER_NAME` for a parameter that none of the runs has, `E_QUERY` for an expression that
 * cannot be understood
 */
export function planModification(folders: readonly string[], modification: Modification): Plan[] {
  const metas = folders.map((folder): [string, RunMeta | Error] => {
    try {
      return [folder, loadRun(folder).meta];
    } catch (error) {
      return [folder, error as Error];
    }
  });
  refuseUnknown(
    metas.flatMap(([, meta]) => (meta instanceof Error ? [] : [meta])),
    modification,
  );
  return metas.map(([folder, meta]) => {
    if (meta instanceof Error) return { id: '', namespace: '', folder, changes: [], problem: meta.message };
    const { id, namespace } = meta;
    try {
      return { id, namespace, folder, changes: changesOf(meta, modification) };
    } catch (error) {
      if (error instanceof ComexError) throw error;
      return { id, namespace, folder, changes: [], problem: (error as Error).message };
    }
  });
}

/** Notes the changes of a plan; the metadata that the run wrote stay as they are. @throws ComexError `E_STORAGE` */
export function applyPlan({ folder, changes }: Plan): void {
  const said = stamp('modify');
  const notes = changes.map((change): NoteRecord | MoveNote => ({ ...said, kind: 'edit', ...change }));
  if (notes.length > 0) appendNote(folder, ...notes);
}

function changesOf(meta: RunMeta, { set, rename, unset, meta: fields }: Modification): Change[] {
  const { parameters } = meta;
  const changes: Change[] = [];
  for (const { name, value } of set) {
    const record = parameters[name];
    if (record === undefined) continue;
    if (record.redacted === true) throw new Error(`${name} is a secret, of which only a placeholder is kept`);
    const to = value.of(name, parameters);
    const isSame = Object.hasOwn(record, 'value') && canonical(record.value) === canonical(to);
    if (!isSame) changes.push({ path: `parameters.${name}`, ...valueBefore(record), to });
  }
  for (const { from, to } of rename) {
    const record = parameters[from];
    if (record === undefined) continue;
    if (parameters[to] !== undefined) throw new Error(`it has a parameter ${to} already`);
    changes.push({ path: `parameters.${to}`, to: record.value, movedFrom: `parameters.${from}` });
    changes.push({ path: `parameters.${from}`, ...valueBefore(record) });
  }
  for (const name of unset) {
    const record = parameters[name];
    if (record !== undefined) changes.push({ path: `parameters.${name}`, ...valueBefore(record) });
  }
  for (const { name, text } of fields) {
    const before = (meta as unknown as Record<string, unknown>)[name];
    if (before !== text) changes.push({ path: name, ...(before === undefined ? {} : { from: before }), to: text });
  }
  return changes;
}

function valueBefore(record: { readonly value?: unknown }): { from?: unknown } {
  return Object.hasOwn(record, 'value') ? { from: record.value } : {};
}

function refuseUnknown(metas: readonly RunMeta[], { set, rename, unset }: Modification): void {
  if (metas.length === 0) return;
  const known = new Set(metas.flatMap(({ parameters }) => Object.keys(parameters)));
  for (const name of [...set.map((each) => each.name), ...rename.map(({ from }) => from), ...unset]) {
    if (known.has(name)) continue;
    throw new ComexError('E_PARAMETER_NAME', `None of the runs has a parameter ${name}.${didYouMean(name, known)}`);
  }
}

function pair(text: string, option: string, form: string): [name: string, value: string] {
  const at = text.indexOf('=');
  if (at > 0) return [text.slice(0, at).trim(), text.slice(at + 1)];
  throw new ComexError('E_USAGE', `Expected ${option} ${form}, got "${text}".`);
}

function parameterName(name: string, option: string): string {
  if (NAME.test(name) && !isSpecialName(name)) return name;
  const special = isSpecialName(name) ? ' That says how comex carried the run out, which cannot be changed.' : '';
  throw new ComexError(
    'E_USAGE',
    `Expected ${option} to name a parameter such as LEARNING_RATE, got "${name}".${special}`,
  );
}

/** Names that are there already may be of other programs. */
function newName(name: string): string {
  if (isParameterName(name)) return name;
  throw new ComexError(
    'E_USAGE',
    `Expected --rename OLD=NEW with a name in capitals, as all parameters have, got "${name}".`,
  );
}
