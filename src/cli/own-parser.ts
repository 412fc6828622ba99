import type { Options } from 'yargs';
import { ComexError } from '../errors.ts';
import { usageError } from './errors.ts';

/**
 * The parser of comex's own words in a command that takes parameters of an experiment as well. It is loaded here, so that
 * a command line without options need not wait for it.
 *
 * @param usage what stands behind `comex`, and what the command does
 */
export async function ownParser<const O extends Readonly<Record<string, Options>>>(
  name: 'run' | 'new' | 'reproduce',
  usage: string,
  options: O,
  own: readonly string[],
) {
  const { default: yargs } = await import('yargs');
  const lists = Object.keys(options).filter((option) => options[option]?.array === true);
  return yargs([...own])
    .scriptName('comex')
    .usage(`$0 ${usage}`)
    .options(options)
    .strictOptions()
    .check((given) => onlyOnce(given, lists))
    .parserConfiguration({
      'duplicate-arguments-array': true,
      'greedy-arrays': false,
      'parse-positional-numbers': false,
    })
    .help(false)
    .version(false)
    .locale('en')
    .wrap(Math.min(100, process.stdout.columns ?? 80))
    .exitProcess(false)
    .fail((message, error) => {
      throw usageError(message, error, ` Parameters of an experiment are in upper case; see comex ${name} --help.`);
    });
}

/** Of an option that is given twice, the parser makes a list: no command expects one that did not ask for it. */
export function onlyOnce(given: Readonly<Record<string, unknown>>, lists: readonly string[]): true {
  for (const [name, value] of Object.entries(given)) {
    const option = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    if (name === '_' || !Array.isArray(value) || lists.includes(name) || lists.includes(option)) continue;
    throw new ComexError(
      'E_USAGE',
      `Expected --${option} once, got ${value.map((each) => `"${String(each)}"`).join(' and ')}.`,
    );
  }
  return true;
}
