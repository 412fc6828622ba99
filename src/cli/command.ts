import type { CommandModule } from 'yargs';

/** What every command has that looks at an archive. */
export const ARCHIVE_OPTIONS = {
  results: { type: 'string', requiresArg: true, describe: 'the archive; default: results/ of the project' },
  json: { type: 'boolean', default: false, describe: 'print JSON' },
} as const;

export const RUNS = {
  type: 'string',
  array: true,
  default: [] as string[],
  describe: 'runs, or one query in quotes',
} as const;
export const ONE_RUN = { type: 'string', demandOption: true, describe: 'a run, as comex show takes it' } as const;
export const FLAG = { type: 'boolean', default: false } as const;

/** Keeps the types of a command's options together. */
export function command<U>(module: CommandModule<object, U>): CommandModule<object, object> {
  return module as unknown as CommandModule<object, object>;
}
