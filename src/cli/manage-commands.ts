import type { CommandModule } from 'yargs';
import { ARCHIVE_OPTIONS, command, FLAG, ONE_RUN, RUNS } from './command.ts';
import { selectionOptions } from './selection-options.ts';

const LIST = { type: 'string', array: true, nargs: 1, requiresArg: true } as const;

/** The commands that change an archive; each loads what it needs when it runs. */
export const MANAGE_COMMANDS: readonly CommandModule<object, object>[] = [
  command({
    command: 'tag [runs..]',
    describe: 'add and remove tags of runs, also of running ones',
    builder: (options) =>
      options
        .positional('runs', RUNS)
        .options({
          add: { ...LIST, describe: 'tags to add: a,b' },
          remove: { ...LIST, describe: 'tags to remove: a,b' },
        })
        .options(selectionOptions)
        .options(ARCHIVE_OPTIONS),
    handler: async (given) => {
      const { tagCommand } = await import('./tag.ts');
      process.exitCode = await tagCommand(given.runs, given);
    },
  }),
  command({
    command: 'note <run> [text..]',
    describe: 'write a note on a run; the one before is kept in its folder',
    builder: (options) =>
      options
        .positional('run', ONE_RUN)
        .positional('text', { type: 'string', array: true, default: [] as string[] })
        .options({ clear: { ...FLAG, describe: 'take its note away' } })
        .options(ARCHIVE_OPTIONS),
    handler: async (given) => {
      const { noteCommand } = await import('./tag.ts');
      process.exitCode = await noteCommand(given.run, given.text, given);
    },
  }),
  command({
    command: 'rename <run> [title..]',
    describe: 'give a run a title for people; its folder keeps its name',
    builder: (options) =>
      options
        .positional('run', ONE_RUN)
        .positional('title', { type: 'string', array: true, default: [] as string[] })
        .options({ clear: { ...FLAG, describe: 'take its title away' } })
        .options(ARCHIVE_OPTIONS),
    handler: async (given) => {
      const { renameCommand } = await import('./tag.ts');
      process.exitCode = await renameCommand(given.run, given.title, given);
    },
  }),
  command({
    command: 'delete [runs..]',
    describe: 'move runs into the trash of the archive; comex restore brings them back',
    builder: (options) =>
      options
        .positional('runs', RUNS)
        .options({
          force: { ...FLAG, describe: 'also runs that a process may be writing' },
          yes: { ...FLAG, describe: 'needed for several runs' },
          'dry-run': { ...FLAG, describe: 'only say what would go' },
        })
        .options(selectionOptions)
        .options(ARCHIVE_OPTIONS),
    handler: async (given) => {
      const { deleteCommand } = await import('./trash.ts');
      process.exitCode = await deleteCommand(given.runs, given);
    },
  }),
  command({
    command: 'restore [runs..]',
    describe: 'bring runs back from the trash, by id; without any, list the trash',
    builder: (options) =>
      options.positional('runs', { ...RUNS, describe: 'ids of deleted runs' }).options(ARCHIVE_OPTIONS),
    handler: async (given) => {
      const { restoreCommand } = await import('./trash.ts');
      process.exitCode = restoreCommand(given.runs, given);
    },
  }),
  command({
    command: 'purge [runs..]',
    describe: 'remove runs in the trash for good, all or by id',
    builder: (options) =>
      options
        .positional('runs', { ...RUNS, describe: 'ids of deleted runs' })
        .options({
          'older-than': { type: 'string', requiresArg: true, describe: 'only those deleted so long ago: 12h, 30d, 1w' },
          force: { ...FLAG, describe: 'also what in the trash is damaged' },
          yes: { ...FLAG, describe: 'do it' },
          'dry-run': { ...FLAG, describe: 'only say what would go' },
        })
        .options(ARCHIVE_OPTIONS),
    handler: async (given) => {
      const { purgeCommand } = await import('./trash.ts');
      process.exitCode = purgeCommand(given.runs, given);
    },
  }),
  command({
    command: 'du [runs..]',
    describe: 'what is on the disk, by namespace and kind of file, with inodes',
    builder: (options) =>
      options
        .positional('runs', RUNS)
        .options({ by: { choices: ['namespace', 'kind', 'run'] as const, describe: 'one grouping alone' } })
        .options(selectionOptions)
        .options(ARCHIVE_OPTIONS),
    handler: async (given) => {
      const { duCommand } = await import('./du.ts');
      process.exitCode = await duCommand(given.runs, given);
    },
  }),
  command({
    command: 'compress [runs..]',
    describe: 'write runs into one .tar.gz with checksums',
    builder: (options) =>
      options
        .positional('runs', RUNS)
        .options({
          out: { type: 'string', requiresArg: true, describe: 'the file; default: comex-NAME.tar.gz here' },
          force: { ...FLAG, describe: 'also runs that a process may be writing' },
        })
        .options(selectionOptions)
        .options(ARCHIVE_OPTIONS),
    handler: async (given) => {
      const { compressCommand } = await import('./compress.ts');
      process.exitCode = await compressCommand(given.runs, given);
    },
  }),
  command({
    command: 'import <file>',
    describe: 'put the runs of a file that comex compress made into the archive',
    builder: (options) =>
      options
        .positional('file', { type: 'string', demandOption: true })
        .options({
          into: { type: 'string', requiresArg: true, describe: 'another archive; the same as --results' },
          'dry-run': { ...FLAG, describe: 'only check the file, and say what would be imported' },
        })
        .options(ARCHIVE_OPTIONS),
    handler: async (given) => {
      const { importCommand } = await import('./compress.ts');
      process.exitCode = await importCommand(given.file, given);
    },
  }),
  command({
    command: 'modify [runs..]',
    describe: 'change parameters or descriptions of runs; a dry run without --apply',
    builder: (options) =>
      options
        .positional('runs', RUNS)
        .options({
          set: { ...LIST, describe: 'NAME=VALUE, or an expression: LEARNING_RATE=LEARNING_RATE*10' },
          rename: { ...LIST, describe: 'OLD=NEW: another name for a parameter' },
          unset: { ...LIST, describe: 'take a parameter away' },
          'set-meta': { ...LIST, describe: 'FIELD=TEXT: description, title, note, module, root' },
          apply: { ...FLAG, describe: 'do it' },
        })
        .options(selectionOptions)
        .options(ARCHIVE_OPTIONS),
    handler: async (given) => {
      const { modifyCommand } = await import('./modify.ts');
      process.exitCode = await modifyCommand(given.runs, given);
    },
  }),
  command({
    command: 'gc',
    describe: 'what is safe to drop: leftovers of killed processes, the index; a dry run without --apply',
    builder: (options) => options.options({ apply: { ...FLAG, describe: 'drop it' } }).options(ARCHIVE_OPTIONS),
    handler: async (given) => {
      const { gcCommand } = await import('./gc.ts');
      process.exitCode = gcCommand(given);
    },
  }),
];

/** Their names. */
export const MANAGE_NAMES: readonly string[] = MANAGE_COMMANDS.map(({ command: form }) => String(form).split(' ')[0]!);
