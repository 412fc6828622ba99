import type { CommandModule } from 'yargs';
import { ARCHIVE_OPTIONS, command, FLAG, ONE_RUN, RUNS } from './command.ts';
import { exportOptions } from './export-options.ts';
import { selectionOptions } from './selection-options.ts';

const TEXT = { type: 'string', requiresArg: true } as const;
const PATTERNS = { ...TEXT, array: true, nargs: 1 } as const;

/** The commands that make results of runs, and runs of results; each loads what it needs when it runs. */
export const RESULTS_COMMANDS: readonly CommandModule<object, object>[] = [
  command({
    command: 'export <file> [runs..]',
    describe: 'write a table of runs: .csv, .tsv, .json, .jsonl, .parquet, .md or .tex',
    builder: (options) =>
      options
        .positional('file', { type: 'string', demandOption: true, describe: 'the file, or - for stdout' })
        .positional('runs', RUNS)
        .options(exportOptions)
        .options(selectionOptions)
        .options(ARCHIVE_OPTIONS),
    handler: async (given) => {
      const { exportCommand } = await import('./export.ts');
      // The parser takes a single dash for an option, and gives an empty text in its place.
      const file = given.file === '' && process.argv.includes('-') ? '-' : given.file;
      process.exitCode = await exportCommand(file, given.runs, given);
    },
  }),
  command({
    command: 'adopt <folders..>',
    describe: 'make runs of results that other programs wrote: PyComex, or any with --map',
    builder: (options) =>
      options
        .positional('folders', {
          type: 'string',
          array: true,
          demandOption: true,
          describe: 'folders, or trees of them',
        })
        .options({
          map: { type: 'string', requiresArg: true, describe: 'rules for other folders: a .json or .yml file' },
          into: { type: 'string', requiresArg: true, describe: 'the namespace of the runs, instead of their own' },
          'dry-run': { ...FLAG, describe: 'only say what would be made' },
        })
        .options(ARCHIVE_OPTIONS),
    handler: async (given) => {
      const { adoptCommand } = await import('./adopt.ts');
      process.exitCode = await adoptCommand(given.folders, given);
    },
  }),
  command({
    // Parameters of the experiment may be given to it: its words are read by itself.
    command: 'reproduce <run>',
    describe: 'run a run again from its snapshot, and say what differs; see comex reproduce --help',
    builder: (options) => options.positional('run', ONE_RUN),
    handler: async ({ run }) => {
      const { reproduceCommand } = await import('./reproduce.ts');
      await reproduceCommand([run]);
    },
  }),
  command({
    command: 'harvest [runs..]',
    describe: 'take values for runs from files that other programs wrote: CSV, JSON, logs',
    builder: (options) =>
      options
        .positional('runs', RUNS)
        .options({
          'dry-run': { ...FLAG, describe: 'only say what would be harvested' },
          as: { ...TEXT, describe: 'one rule, for the datum at this path: results/score' },
          csv: { ...PATTERNS, describe: 'rows of these files, in the run folder' },
          'json-file': { ...PATTERNS, describe: 'values of these JSON files' },
          text: { ...PATTERNS, describe: 'lines of these texts; default with --match: the log of the run' },
          file: { ...PATTERNS, describe: 'register this file by path, size and hash' },
          column: { ...TEXT, describe: 'of --csv: its name; its number from 0 on with --no-header' },
          where: { ...PATTERNS, describe: 'of --csv: only rows with COLUMN=VALUE' },
          header: { type: 'boolean', describe: 'of --csv: --no-header when there is none' },
          delimiter: { ...TEXT, describe: 'of --csv; default: what the first line has' },
          path: { ...TEXT, describe: 'of --json-file: JSONPath' },
          match: { ...TEXT, describe: 'of --text: a regular expression with one group' },
          take: { ...TEXT, describe: 'only, first, last, list, count, mean, median, min, max, sum, sd' },
          type: { ...TEXT, describe: 'number, integer, string, boolean, date' },
          decimal: { ...TEXT, describe: '"," for numbers such as 1,5' },
          encoding: { ...TEXT, describe: 'utf-8, utf-16le, latin1' },
          in: { ...TEXT, describe: 'where the files are: run (default) or project' },
          optional: { type: 'boolean', describe: 'say nothing when there is none' },
          replace: { type: 'boolean', describe: 'stand in for a datum of the run itself' },
          remove: { ...PATTERNS, describe: 'take the harvested value at this path away again' },
        })
        .options(selectionOptions)
        .options(ARCHIVE_OPTIONS),
    handler: async (given) => {
      const { harvestCommand } = await import('./harvest.ts');
      process.exitCode = await harvestCommand(given.runs, given);
    },
  }),
];

export const RESULTS_NAMES: readonly string[] = RESULTS_COMMANDS.map(({ command }) => String(command).split(' ')[0]!);
