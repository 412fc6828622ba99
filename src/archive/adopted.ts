import { ComexError } from '../errors.ts';
import type { RunMeta } from './layout.ts';

/**
 * Refuses a run that another program made for what needs one that comex made.
 *
 * @param why what there is none of, as a sentence without its end, and what to do instead
 * @throws ComexError `E_EXPERIMENT`
 */
export function refuseAdopted({ id, adopted }: Pick<RunMeta, 'id' | 'adopted'>, why: string): void {
  if (adopted === undefined) return;
  throw new ComexError('E_EXPERIMENT', `Expected a run of comex, but ${id} was adopted from ${adopted.from}: ${why}.`);
}
