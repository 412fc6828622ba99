import { dirname } from 'node:path';
import { ComexError } from '../errors.ts';
import { includedBy } from '../experiment/include.ts';
import { findModule } from '../experiment/project.ts';
import { askGit } from '../run/git.ts';
import { type ParameterWord, splitArguments } from './arguments.ts';
import { ownParser } from './own-parser.ts';

const OPTIONS = {
  json: { type: 'boolean', default: false, describe: 'print one JSON object; the log goes to stderr' },
  'dry-run': { type: 'boolean', default: false, describe: 'print the parameters and the folder, run nothing' },
  watch: { type: 'boolean', default: false, describe: 'run again, in debug mode, when a file changes' },
  results: { type: 'string', requiresArg: true, describe: 'the archive; default: results/ of the project' },
  tag: { type: 'string', array: true, requiresArg: true, describe: 'a tag; may be repeated' },
  tags: { type: 'string', requiresArg: true, describe: 'tags, separated by commas' },
  note: { type: 'string', requiresArg: true, describe: 'a note on the run' },
  timeout: { type: 'string', requiresArg: true, describe: 'time limit, such as 90s, 20m, 1h30m, 2d' },
  from: { type: 'string', requiresArg: true, describe: 'take the given parameters and the seed of a run' },
  quiet: { type: 'boolean', default: false, describe: 'print nothing but errors' },
} as const;

/** `comex run FILE [--NAME value]...` */
export async function runCommand(words: readonly string[]): Promise<void> {
  const { own, parameters } = splitArguments(words);
  const help = own.some((word) => word === '--help' || word === '-h');
  const options = { ...(await parse(own.filter((word) => word !== '--help' && word !== '-h'))), help };
  const [file, ...rest] = options._.map(String);
  if (file === undefined) {
    if (help) return showUsage();
    throw new ComexError('E_USAGE', 'Expected FILE: comex run FILE [--NAME value]... See comex run --help.');
  }
  if (rest.length > 0) {
    throw new ComexError(
      'E_USAGE',
      `Expected one FILE, got also "${rest.join(' ')}". A value stands behind its --NAME.`,
    );
  }
  for (const name of ['results', 'timeout', 'from'] as const) {
    if (options[name] === '') throw new ComexError('E_USAGE', `Expected a value behind --${name}, got an empty text.`);
  }
  const cwd = process.cwd();
  const path = findModule(file, cwd);
  if (options.watch) {
    const { watch } = await import('./watch.ts');
    return await watch(path, words, cwd, includedWords(parameters));
  }
  // Asked first, so that git works while the module is read.
  const git = help || options.dryRun ? undefined : askGit(dirname(path));
  const { perform } = await import('./perform.ts');
  await perform({ path, cwd, words: ['run', ...words], parameters, options, git });
}

/** The mixins that the command line names. */
export function includedWords(parameters: readonly ParameterWord[]): string[] {
  return includedBy(parameters.map(({ path, text }) => ({ path, value: { text: text ?? '' } })));
}

/** The options of `run`, as they were given. */
export interface RunCommandOptions {
  readonly _: ReadonlyArray<string | number>;
  readonly json: boolean;
  readonly dryRun: boolean;
  readonly watch: boolean;
  readonly quiet: boolean;
  readonly help: boolean;
  readonly results?: string | undefined;
  readonly tag?: readonly string[] | undefined;
  readonly tags?: string | undefined;
  readonly note?: string | undefined;
  readonly timeout?: string | undefined;
  readonly from?: string | undefined;
}

async function parse(own: readonly string[]): Promise<Omit<RunCommandOptions, 'help'>> {
  // The most frequent command has no options: it need not wait for their parser.
  if (!own.some((word) => word.startsWith('-')))
    return { _: own, json: false, dryRun: false, watch: false, quiet: false };
  return (await runParser(own)).parseSync();
}

const USAGE = 'run FILE [--NAME value]...\n\nRuns an experiment: a module, or a name below experiments/.';

async function runParser(own: readonly string[]) {
  return await ownParser('run', USAGE, OPTIONS, own);
}

async function showUsage(): Promise<void> {
  process.stdout.write(`${await (await runParser([])).getHelp()}\n`);
}
