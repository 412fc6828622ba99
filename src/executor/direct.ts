import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parsePinned } from '../experiment/load/plan.ts';
import { isInRun } from '../experiment/load/runner-meta.ts';

/** What `runIfMain` needs of a module's `import.meta`. */
interface ModuleMeta {
  readonly url: string;
}

/**
 * Runs the experiment when its module is the program that was started, as in `tsx experiments/digits.ts --EPOCHS 3`.
 * The command line is that of `comex run`. When the module is imported, nothing happens.
 *
 * @example
 * ```ts
 * import { runIfMain } from 'comex';
 *
 * export default function experiment() {}
 * runIfMain(import.meta); // the last line of the module
 * ```
 */
export function runIfMain(meta: ModuleMeta): void {
  const program = process.argv[1];
  if (program === undefined || parsePinned(meta.url) !== undefined || isInRun(meta)) return;
  if (!isSameFile(program, fileURLToPath(meta.url))) return;
  // At the next turn: the module that calls this is still being evaluated.
  setImmediate(() => startCommand(['run', fileURLToPath(meta.url), ...process.argv.slice(2)]));
}

/** The command line is a floor above; it is reached through the program that the package ships. */
async function startCommand(words: readonly string[]): Promise<void> {
  const { main } = (await import(new URL('./cli.js', import.meta.url).href)) as {
    main: (words: readonly string[]) => Promise<void>;
  };
  await main(words);
}

function isSameFile(a: string, b: string): boolean {
  try {
    return realpathSync(a) === realpathSync(b);
  } catch {
    return false;
  }
}
