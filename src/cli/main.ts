import { ComexError, didYouMean } from '../errors.ts';
import { version } from '../version.ts';
import { ARCHIVE_OPTIONS } from './command.ts';
import { reportError, usageError } from './errors.ts';
import { LOOK_COMMANDS, LOOK_NAMES } from './look-commands.ts';
import { MANAGE_COMMANDS, MANAGE_NAMES } from './manage-commands.ts';
import { onlyOnce } from './own-parser.ts';
import { RESULTS_COMMANDS, RESULTS_NAMES } from './results-commands.ts';
import { selectionOptions, withAttachedSort } from './selection-options.ts';
import { unknownHint } from './unknown-words.ts';

const COMMANDS = [
  'run',
  'list',
  'show',
  'tree',
  'analyze',
  'validate',
  'schema',
  'new',
  'experiments',
  ...LOOK_NAMES,
  ...MANAGE_NAMES,
  ...RESULTS_NAMES,
];

/** The command line of comex: finds the command, and loads only what it needs. */
export async function main(words: readonly string[]): Promise<void> {
  const isRun = words[0] === 'run';
  for (const stream of [process.stdout, process.stderr]) stream.on('error', (error) => onRefusedOutput(error, isRun));
  try {
    if (words[0] === 'run') {
      const { runCommand } = await import('./run.ts');
      return await runCommand(words.slice(1));
    }
    if (words[0] === 'new') {
      const { newCommand } = await import('./new.ts');
      return await newCommand(words.slice(1));
    }
    if (words[0] === 'reproduce') {
      const { reproduceCommand } = await import('./reproduce.ts');
      return await reproduceCommand(words.slice(1));
    }
    const first = words[0];
    if (first !== undefined && !first.startsWith('-') && !COMMANDS.includes(first)) {
      throw new ComexError(
        'E_USAGE',
        `Expected a command, got "${first}".${didYouMean(first, COMMANDS)} See comex --help.`,
      );
    }
    await (await parser(words)).parseAsync();
  } catch (error) {
    process.exitCode = reportError(error);
  }
}

let isOutputRefused = false;

/**
 * Whoever read the output went away (`comex list | head`): the rest of it has no reader, and that is no error. Output
 * that cannot be written, on a full disk, ends a command that is nothing else; a run goes on, and its log has all of it.
 */
function onRefusedOutput(error: NodeJS.ErrnoException, isRun: boolean): void {
  if (error.code === 'EPIPE' || isOutputRefused) return;
  isOutputRefused = true;
  const goesOn = isRun ? ' The run goes on; its log has all of it.' : '';
  process.stderr.write(`comex: Cannot write the output: ${error.message}.${goesOn} (E_STORAGE)\n`);
  if (!isRun) process.exit(1);
}

async function parser(words: readonly string[]) {
  const { default: yargs } = await import('yargs');
  const instance = yargs(withAttachedSort(words));
  return instance
    .scriptName('comex')
    .usage('$0 <command>\n\nComputational experiments: a file is an experiment, a folder is a run.')
    .command('run <file>', 'run an experiment; comex run FILE --help lists its parameters')
    .command('new <name>', 'make an experiment; see comex new --help')
    .command(
      'experiments',
      'list the experiments of the project, with their latest runs',
      (options) => options.options(ARCHIVE_OPTIONS),
      async (given) => {
        const { experimentsCommand } = await import('./experiments.ts');
        process.exitCode = await experimentsCommand(given);
      },
    )
    .command(
      'list [query]',
      'list the runs of the archive, or those for which a query holds: \'status == "done" && EPOCHS > 10\'',
      (options) =>
        options
          .positional('query', { type: 'string', describe: 'what the runs are like, in quotes' })
          .options(selectionOptions)
          .options(LIST_OPTIONS)
          .options(ARCHIVE_OPTIONS),
      async (given) => {
        const { listCommand } = await import('./archive-commands.ts');
        process.exitCode = await listCommand(given);
      },
    )
    .command(
      'show <run>',
      'show a run: a folder, an id or its beginning, an experiment (its latest run), or latest',
      (options) => options.positional('run', { type: 'string', demandOption: true }).options(ARCHIVE_OPTIONS),
      async (given) => {
        const { showCommand } = await import('./archive-commands.ts');
        process.exitCode = showCommand(given.run, given);
      },
    )
    .command(
      'tree <run>',
      'show a run and the runs that it made',
      (options) => options.positional('run', { type: 'string', demandOption: true }).options(ARCHIVE_OPTIONS),
      async (given) => {
        const { treeCommand } = await import('./archive-commands.ts');
        process.exitCode = treeCommand(given.run, given);
      },
    )
    .command(
      'analyze <run>',
      'call the analyses of a run that is over; what they commit goes into its folder',
      (options) =>
        options.positional('run', { type: 'string', demandOption: true }).options({
          only: {
            type: 'string',
            array: true,
            nargs: 1,
            requiresArg: true,
            describe: 'call this analysis alone; may be repeated',
          },
          code: { choices: ['snapshot', 'today'] as const, default: 'snapshot', describe: 'whose code to evaluate' },
          ...ARCHIVE_OPTIONS,
        }),
      async (given) => {
        const { analyzeCommand } = await import('./analyze.ts');
        await analyzeCommand(given.run, given);
      },
    )
    .command(
      'validate [files..]',
      'check experiments and mixins without running them; without FILE, all below experiments/',
      (options) =>
        options.positional('files', { type: 'string', array: true, default: [] }).options({
          json: { type: 'boolean', default: false, describe: 'print JSON' },
          strict: { type: 'boolean', default: false, describe: 'fail on warnings, too' },
        }),
      async (given) => {
        const { validateCommand } = await import('./validate.ts');
        process.exitCode = await validateCommand(given.files, given);
      },
    )
    .command(
      'schema <file>',
      'print a JSON schema for YAML experiments that extend FILE, for editors',
      (options) =>
        options
          .positional('file', { type: 'string', demandOption: true })
          .options({ out: { type: 'string', requiresArg: true, describe: 'write it into this file instead' } }),
      async (given) => {
        const { schemaCommand } = await import('./schema.ts');
        await schemaCommand(given.file, given.out);
      },
    )
    .command([...LOOK_COMMANDS, ...MANAGE_COMMANDS, ...RESULTS_COMMANDS])
    .demandCommand(1, 'Expected a command. See comex --help.')
    .strict()
    .check((given) => onlyOnce(given, (instance as unknown as YargsOptions).getOptions().array))
    .locale('en')
    .version(version)
    .wrap(Math.min(100, process.stdout.columns ?? 80))
    .exitProcess(false)
    .fail((message, error) => {
      const { key } = (instance as unknown as YargsOptions).getOptions();
      throw usageError(message, error, unknownHint(message ?? '', words, Object.keys(key)));
    });
}

interface YargsOptions {
  /** What the options of the present command are. */
  getOptions(): { readonly array: readonly string[]; readonly key: Readonly<Record<string, unknown>> };
}

const LIST_OPTIONS = {
  columns: { type: 'string', requiresArg: true, describe: 'what to show: LEARNING_RATE,loss/val:min,duration,tags' },
  'group-by': {
    type: 'string',
    requiresArg: true,
    describe: 'one line for each value: a parameter, namespace, status',
  },
  metric: { type: 'string', requiresArg: true, describe: 'with --group-by: mean and standard deviation of it' },
} as const;
