import { constants } from 'node:os';
import { encodePretty } from '../codec/json.ts';
import { ComexError } from '../errors.ts';
import { findProject, resultsFolder } from '../experiment/project.ts';
import { type Reproduction, ReproductionPrograms, reproduce } from '../manage/reproduce/index.ts';
import { recordError } from '../run/errors-record.ts';
import { type ParameterWord, splitArguments } from './arguments.ts';
import { harmlessLines } from './errors.ts';
import { ownParser } from './own-parser.ts';
import { readyText, verdictText } from './reproduce-text.ts';
import { harmless, harmlessJson, screenOf } from './screen.ts';

const CHOICE = ['snapshot', 'today'] as const;
const OPTIONS = {
  install: { type: 'boolean', default: false, describe: 'install the packages of its lock file, by npm ci' },
  keep: { type: 'boolean', default: false, describe: 'keep the run that is made, in the archive' },
  ignore: {
    type: 'string',
    array: true,
    requiresArg: true,
    describe: "do not compare what has this name: 'timing/*'; may be repeated",
  },
  code: { choices: CHOICE, default: 'snapshot', describe: 'whose code to run' },
  inputs: { choices: CHOICE, default: 'snapshot', describe: 'whose input files to read' },
  results: { type: 'string', requiresArg: true, describe: 'the archive; default: results/ of the project' },
  quiet: { type: 'boolean', default: false, describe: 'do not show what the run prints' },
  json: { type: 'boolean', default: false, describe: 'print JSON' },
} as const;
/** What programs read is not cut. */
const WIDE = 1_000_000;

/**
 * `comex reproduce RUN [--NAME value]...`: 0 when the reproduction is identical, 1 when it differs or cannot be made,
 * 2 for wrong usage.
 */
export async function reproduceCommand(words: readonly string[]): Promise<void> {
  const { own, parameters } = splitArguments(words);
  if (own.some((word) => word === '--help' || word === '-h')) {
    process.stdout.write(`${await (await parserOf([])).getHelp()}\n`);
    return;
  }
  const options = (await parserOf(own)).parseSync();
  const [run, ...rest] = options._.map(String);
  if (run === undefined) {
    throw new ComexError('E_USAGE', 'Expected RUN: comex reproduce RUN [--NAME value]... See comex reproduce --help.');
  }
  if (rest.length > 0) {
    throw new ComexError(
      'E_USAGE',
      `Expected one RUN, got also "${rest.join(' ')}". A value stands behind its --NAME.`,
    );
  }
  if ((options.ignore ?? []).includes('')) {
    throw new ComexError('E_USAGE', 'Expected a name behind --ignore, got an empty text.');
  }
  const cwd = process.cwd();
  const results = resultsFolder(findProject(cwd, cwd), options.results, cwd);
  const { code, inputs, install, keep, ignore = [], json, quiet } = options;
  const screen = process.stdout.isTTY ? screenOf(process.stdout) : { ...screenOf(process.stdout), columns: WIDE };
  const programs = new ReproductionPrograms();
  try {
    const request = { run, results, cwd, given: parameters.map(givenText), code, inputs, install, keep, ignore };
    const outcome = await reproduce(request, programs, {
      onReady: (ready) => {
        if (!json) process.stdout.write(readyText(ready, screen, cwd));
      },
      onOutput: (text) => {
        if (!quiet) process.stderr.write(text);
      },
    });
    for (const pattern of outcome.unused) {
      process.stderr.write(`comex: ${harmless(`--ignore ${pattern} has left nothing out.`)}\n`);
    }
    process.stdout.write(
      json
        ? `${harmlessJson(encodePretty(recordOf(outcome), 'the reproduction'))}\n`
        : verdictText(outcome, screen, cwd),
    );
    process.exitCode = outcome.identical ? 0 : 1;
  } catch (error) {
    if (programs.signal === undefined) throw error;
    process.stderr.write(`comex: ${harmlessLines(recordError(error).message)} (E_INTERRUPTED)\n`);
    process.exitCode = 128 + constants.signals[programs.signal];
  } finally {
    programs.stop();
  }
}

/** `--NAME` alone is `true`, as `comex run` takes it. */
function givenText({ path, text, negated }: ParameterWord): { readonly path: string; readonly text: string } {
  if (negated && text !== undefined) {
    throw new ComexError('E_USAGE', `Expected --no-${path} without a value. Give --${path}=VALUE instead.`);
  }
  return { path, text: negated ? 'false' : (text ?? 'true') };
}

function recordOf(outcome: Reproduction) {
  const { run, identical, project, installed, differences, findings, compared, reproduction, kept } = outcome;
  const { id, status, durationMs } = reproduction;
  return {
    run: { id: run.id, path: run.path, namespace: run.namespace, status: run.status },
    identical,
    reproduction: { id, status, durationMs: durationMs ?? null, path: kept ?? null },
    packages: installed ? 'installed' : (project ?? null),
    changed: differences,
    differences: findings,
    compared: { ...compared, ignored: [...new Set(compared.ignored)] },
  };
}

const USAGE =
  'reproduce RUN [--NAME value]...\n\nRuns a run again, from its snapshot in a temporary folder, and compares what came of it. RUN is a run, as comex show takes it, or a file of comex compress.';

async function parserOf(own: readonly string[]) {
  return await ownParser('reproduce', USAGE, OPTIONS, own);
}
