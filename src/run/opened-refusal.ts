import type { RunMeta } from '../archive/layout.ts';
import { ComexError } from '../errors.ts';

/**
 * Refuses the run of a script where only that of an experiment will do.
 *
 * @param why what a script does not have, such as `which has no analyses`
 * @throws ComexError `E_EXPERIMENT`
 */
export function refuseOpened({ id, opened, module, argv }: RunMeta, why: string): void {
  if (opened !== true) return;
  const again = argv.join(' ');
  throw new ComexError(
    'E_EXPERIMENT',
    `Expected the run of an experiment, but ${id} was opened by the script ${module}, ${why}. Run the script itself: ${again}`,
  );
}
