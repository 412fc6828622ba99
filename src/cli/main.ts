import { ComexError, didYouMean } from '../errors.ts';
import { version } from '../version.ts';
import { reportError, usageError } from './errors.ts';

const COMMANDS = ['run', 'list', 'show'];

/** The command line of comex: finds the command, and loads only what it needs. */
export async function main(words: readonly string[]): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', endWhenClosed);
  try {
    if (words[0] === 'run') {
      const { runCommand } = await import('./run.ts');
      return await runCommand(words.slice(1));
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

/** Whoever read the output went away (`comex list | head`): the rest of it has no reader, and that is no error. */
function endWhenClosed(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}

async function parser(words: readonly string[]) {
  const { default: yargs } = await import('yargs');
  return yargs([...words])
    .scriptName('comex')
    .usage('$0 <command>\n\nComputational experiments: a file is an experiment, a folder is a run.')
    .command('run <file>', 'run an experiment; comex run FILE --help lists its parameters')
    .command(
      'list',
      'list the runs of the archive',
      (options) => options.options(ARCHIVE_OPTIONS),
      async (given) => {
        const { listCommand } = await import('./archive-commands.ts');
        process.exitCode = listCommand(given);
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
    .demandCommand(1, 'Expected a command. See comex --help.')
    .strict()
    .locale('en')
    .version(version)
    .wrap(Math.min(100, process.stdout.columns ?? 80))
    .exitProcess(false)
    .fail((message, error) => {
      throw usageError(message, error, '');
    });
}

const ARCHIVE_OPTIONS = {
  results: { type: 'string', describe: 'the archive; default: results/ of the project' },
  json: { type: 'boolean', default: false, describe: 'print JSON' },
} as const;
