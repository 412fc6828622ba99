import { ComexError } from '../errors.ts';
import { newExperiment } from '../manage/new.ts';
import { shownPath } from '../manage/new-name.ts';
import { TEMPLATE_NAMES } from '../manage/templates/index.ts';
import { givenValues, splitArguments } from './arguments.ts';
import { ownParser } from './own-parser.ts';
import { includedWords } from './run.ts';
import { commandText } from './run-facts.ts';
import { harmless } from './screen.ts';

const OPTIONS = {
  template: {
    type: 'string',
    requiresArg: true,
    describe: `what to begin with: ${TEMPLATE_NAMES.join(', ')}, or a file in experiments/templates/; default: basic`,
  },
  extends: { type: 'string', requiresArg: true, describe: 'the experiment to vary; with --NAME VALUE, its parameters' },
  ts: { type: 'boolean', default: false, describe: 'with --extends: a module instead of a YAML experiment' },
  mixin: { type: 'boolean', default: false, describe: 'a module of hooks, in experiments/mixins/' },
  description: { type: 'string', requiresArg: true, describe: 'what the experiment is' },
  tags: { type: 'string', requiresArg: true, describe: 'tags of a YAML experiment, separated by commas' },
  json: { type: 'boolean', default: false, describe: 'print {"path"} as JSON' },
} as const;

/** `comex new NAME [--extends FILE] [--NAME value]...` */
export async function newCommand(words: readonly string[]): Promise<void> {
  const { text: description, rest } = takeText(words, '--description');
  const { own, parameters } = splitArguments(rest);
  if (own.some((word) => word === '--help' || word === '-h')) {
    process.stdout.write(`${await (await newParser([])).getHelp()}\n`);
    return;
  }
  const options = (await newParser(own)).parseSync();
  const [name, ...others] = options._.map(String);
  if (name === undefined) {
    throw new ComexError('E_USAGE', 'Expected NAME: comex new NAME, such as vision/digits. See comex new --help.');
  }
  if (others.length > 0) {
    throw new ComexError(
      'E_USAGE',
      `Expected one NAME, got also "${others.join(' ')}". Put a text with spaces in quotes.`,
    );
  }
  for (const option of ['template', 'extends'] as const) {
    if (options[option] === '')
      throw new ComexError('E_USAGE', `Expected a value behind --${option}, got an empty text.`);
  }
  const cwd = process.cwd();
  const { path, kind, next } = await newExperiment(
    {
      name,
      ...(options.template === undefined ? {} : { template: options.template }),
      ...(options.extends === undefined ? {} : { extends: options.extends }),
      ...(description === undefined || description.trim() === '' ? {} : { description }),
      mixin: options.mixin,
      ts: options.ts,
      tags: [...new Set((options.tags ?? '').split(',').map((tag) => tag.trim()))].filter((tag) => tag !== ''),
      include: includedWords(parameters),
      ...(parameters.length === 0 ? {} : { values: (declared) => givenValues(parameters, declared) }),
    },
    cwd,
  );
  if (options.json) {
    process.stdout.write(`${JSON.stringify({ path })}\n`);
    return;
  }
  const use = { module: 'Run it', config: 'Run it', mixin: 'Use it', template: 'Use it' }[kind];
  process.stdout.write(
    `Created ${harmless(shownPath(path, cwd))}\n${use}: ${harmless(commandText(['comex', ...next]))}\n`,
  );
}

/** Takes an option out whose text may be anything: the parser of options takes quotes off, and dashes for options. */
function takeText(words: readonly string[], option: string): { readonly text?: string; readonly rest: string[] } {
  const at = words.findLastIndex((word) => word === option || word.startsWith(`${option}=`));
  if (at < 0) return { rest: [...words] };
  const word = words[at]!;
  if (word !== option) return { text: word.slice(option.length + 1), rest: words.toSpliced(at, 1) };
  const text = words[at + 1];
  if (text === undefined) throw new ComexError('E_USAGE', `Expected a text behind ${option}.`);
  return { text, rest: words.toSpliced(at, 2) };
}

const USAGE =
  'new NAME [--extends FILE [--NAME VALUE]...]\n\nMakes experiments/NAME: from a template, or as a variation of another experiment.';

async function newParser(own: readonly string[]) {
  return await ownParser('new', USAGE, OPTIONS, own);
}
