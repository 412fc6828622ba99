import type { CommandModule } from 'yargs';

/** The commands that make results of runs, and runs of results; each loads what it needs when it runs. */
export const RESULTS_COMMANDS: readonly CommandModule<object, object>[] = [];

export const RESULTS_NAMES: readonly string[] = RESULTS_COMMANDS.map(({ command }) => String(command).split(' ')[0]!);
