import type { CommandModule } from 'yargs';
import { ARCHIVE_OPTIONS, command, FLAG, ONE_RUN, RUNS } from './command.ts';
import { selectionOptions, wholeNumber } from './selection-options.ts';

/** The commands that look at runs and compare them; each loads what it needs when it runs. */
export const LOOK_COMMANDS: readonly CommandModule<object, object>[] = [
  command({
    command: 'logs <run>',
    describe: 'print the log of a run, of all its attempts',
    builder: (options) =>
      options
        .positional('run', ONE_RUN)
        .options({
          follow: { ...FLAG, alias: 'f', describe: 'go on until the run has ended' },
          lines: {
            type: 'string',
            alias: 'n',
            requiresArg: true,
            coerce: wholeNumber('-n', 0),
            describe: 'only so many lines at the end',
          },
        })
        .options(ARCHIVE_OPTIONS),
    handler: async (given) => {
      const { logsCommand } = await import('./logs.ts');
      process.exitCode = await logsCommand(given.run, given);
    },
  }),
  command({
    command: 'tail [runs..]',
    describe: 'the newest runs, with what they came to',
    builder: (options) =>
      options
        .positional('runs', RUNS)
        .options(selectionOptions)
        .options({
          limit: {
            ...selectionOptions.limit,
            alias: 'n',
            coerce: wholeNumber('-n'),
            describe: 'at most so many; 5 when left out',
          },
        })
        .options(ARCHIVE_OPTIONS),
    handler: async (given) => {
      const { tailCommand } = await import('./tail.ts');
      process.exitCode = await tailCommand(given.runs, given);
    },
  }),
  command({
    command: 'overview [runs..]',
    describe: 'the archive in numbers: how runs ended, time, disk, errors, experiments',
    builder: (options) =>
      options
        .positional('runs', RUNS)
        .options(selectionOptions)
        .options({ disk: { type: 'boolean', default: true, describe: 'look at every file for what it takes' } })
        .options(ARCHIVE_OPTIONS),
    handler: async (given) => {
      const { overviewCommand } = await import('./overview.ts');
      process.exitCode = await overviewCommand(given.runs, given);
    },
  }),
  command({
    command: 'plot [words..]',
    describe: 'draw series of runs: comex plot RUN... SERIES..., in the terminal or into a file',
    builder: (options) =>
      options
        .positional('words', {
          type: 'string',
          array: true,
          default: [] as string[],
          describe: 'runs (or one query in quotes), and names of series such as loss or loss/*',
        })
        .options({
          series: {
            type: 'string',
            array: true,
            nargs: 1,
            requiresArg: true,
            describe: 'a series; all words are runs',
          },
          out: { type: 'string', requiresArg: true, describe: 'a .png or .svg file to draw into' },
          x: { type: 'string', default: 'step', requiresArg: true, describe: 'step, time, or an axis such as epoch' },
          log: { ...FLAG, describe: 'a logarithmic axis of values' },
          mean: { ...FLAG, describe: 'mean and deviation of runs that differ in nothing but their seed' },
          smooth: {
            type: 'string',
            requiresArg: true,
            coerce: wholeNumber('--smooth'),
            describe: 'the mean of so many neighbouring points',
          },
        })
        .options(selectionOptions)
        .options(ARCHIVE_OPTIONS),
    handler: async (given) => {
      const { plotCommand } = await import('./plot.ts');
      process.exitCode = await plotCommand(given.words, given);
    },
  }),
  command({
    command: 'diff [runs..]',
    describe: 'what differs between runs: parameters, code, environment, inputs, results, series',
    builder: (options) =>
      options
        .positional('runs', RUNS)
        .options({
          only: { type: 'string', requiresArg: true, describe: 'these parts alone: parameters,code,environment' },
          worktree: { ...FLAG, describe: "a run's code against the project as it is now" },
          'exit-code': { ...FLAG, describe: 'exit with 1 when something differs' },
        })
        .options(selectionOptions)
        .options(ARCHIVE_OPTIONS),
    handler: async (given) => {
      const { diffCommand } = await import('./diff.ts');
      process.exitCode = await diffCommand(given.runs, given);
    },
  }),
];

/** Their names. */
export const LOOK_NAMES: readonly string[] = LOOK_COMMANDS.map(({ command: form }) => String(form).split(' ')[0]!);
