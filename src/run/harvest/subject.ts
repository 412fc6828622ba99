import type { RunMeta } from '../../archive/layout.ts';
import type { LoadedRun } from '../../archive/load.ts';
import { didYouMean } from '../../errors.ts';
import { HarvestProblem } from './problem.ts';

/** The run that is harvested for, and where paths begin. */
export interface HarvestSubject {
  readonly run: Pick<LoadedRun, 'path' | 'id' | 'name' | 'namespace'> & {
    readonly meta: Pick<RunMeta, 'parameters'>;
  } & Partial<Pick<LoadedRun, 'harvested'>>;
  /** The project, absolute. */
  readonly root: string;
}

const PLACEHOLDER = /\{([A-Za-z_][\w.]*)\}/g;

/**
 * A text with what stands in braces filled in: `{id}`, `{name}`, `{namespace}`, or a parameter or a field of one.
 *
 * @param literally what makes a value mean itself
 * @throws HarvestProblem for what the run does not have
 */
export function filledIn(
  text: string,
  { run }: HarvestSubject,
  literally: (value: string) => string = (value) => value,
): string {
  return text.replace(PLACEHOLDER, (_, name: string) => literally(placeholder(name, run)));
}

function placeholder(name: string, run: HarvestSubject['run']): string {
  if (name === 'id' || name === 'name' || name === 'namespace') return run[name];
  const [root = '', ...fields] = name.split('.');
  const records = run.meta.parameters;
  if (Object.hasOwn(records, root) && records[root]?.redacted === true) {
    throw new HarvestProblem(`Expected {${name}} to be a parameter that the run keeps, but it is a secret.`);
  }
  let value: unknown = Object.hasOwn(records, root) ? records[root]?.value : undefined;
  for (const field of fields) {
    const has = typeof value === 'object' && value !== null && Object.hasOwn(value, field);
    value = has ? (value as Record<string, unknown>)[field] : undefined;
  }
  if (typeof value === 'string' || typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return String(value);
  const known = [...Object.keys(records), 'id', 'name', 'namespace'];
  const hint = didYouMean(name, known) || ' There are {id}, {name}, {namespace}, and the parameters of the run.';
  const got = value === undefined || value === null ? 'the run has none' : 'that is no text and no number';
  throw new HarvestProblem(`Expected {${name}} to be known of the run, but ${got}.${hint}`);
}
