import { nearest } from '../errors.ts';

/** What may have been meant by words that a command does not know. */
export function unknownHint(message: string, words: readonly string[], options: readonly string[]): string {
  const [, list] = /^Unknown arguments?: (.*)$/s.exec(message) ?? [];
  if (list === undefined) return '';
  const unknown = list.split(', ');
  const option = unknown.find((name) => words.some((word) => word === `--${name}` || word.startsWith(`--${name}=`)));
  if (option !== undefined) {
    const near = nearest(
      option,
      options.filter((name) => name.length > 1),
    );
    return near === undefined ? '' : ` Did you mean "--${near}"?`;
  }
  return unknown.some((word) => /[=<>!&|]/.test(word)) ? ` A query stands in quotes: 'status == "done"'.` : '';
}
