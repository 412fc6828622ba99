import { isAbsolute, relative } from 'node:path';
import type { ErrorRecord, GitRecord, RunMeta } from '../archive/layout.ts';
import { bytesText } from './quantity.ts';
import { fieldText } from './value-text.ts';

/** A path as it is typed in `cwd` when it lies below it, else as it is. */
export function pathText(path: string, cwd: string): string {
  const below = relative(cwd, path);
  if (below === '') return '.';
  return /^\.\.(?:[\\/]|$)/.test(below) || isAbsolute(below) ? path : below;
}

/** `1a2b3c4 on main, with changes`. */
export function gitText({ commit, branch, dirty, patch }: GitRecord): string {
  const where = fieldText(branch) === '' ? '' : ` on ${fieldText(branch)}`;
  const kept =
    patch === undefined
      ? ''
      : patch.skipped === undefined
        ? ` (patch of ${bytesText(patch.bytes)})`
        : ` (no patch: ${fieldText(patch.skipped)})`;
  return `${fieldText(commit).slice(0, 7) || 'no commit'}${where}${dirty ? `, with changes${kept}` : ''}`;
}

/** `TypeError: x is not a function`; an error of comex's own by its sentence and code. */
export function errorText({ name, message, code }: ErrorRecord): string {
  const line = fieldText(message).trim().split('\n')[0] ?? '';
  if (name === 'ComexError') return `${line}${code === undefined ? '' : ` (${fieldText(code)})`}`;
  return line === '' ? fieldText(name) : `${fieldText(name)}: ${line}`;
}

/** Where in the user's own code an error arose, as `experiments/digits.ts:12`. */
export function errorPlace({ stack }: ErrorRecord, cwd: string): string | undefined {
  if (typeof stack !== 'string') return undefined;
  for (const line of stack.split('\n')) {
    const frame = /^\s+at (?:async )?(?:.*? \()?(?:file:\/\/)?(.+?):(\d+)(?::\d+)?\)?$/.exec(line.slice(0, 1000));
    if (frame === null || /node:|[\\/]node_modules[\\/]/.test(frame[1]!)) continue;
    return `${pathText(frame[1]!, cwd)}:${frame[2]}`;
  }
  return undefined;
}

/** A command line as it could be typed again. */
export function commandText(argv: readonly string[]): string {
  const words = argv.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`));
  return (words[0] === 'run' || words[0] === 'reproduce' ? ['comex', ...words] : words).join(' ');
}

/** `42`, or `42 (drawn)` when nobody chose it. */
export function seedText(seed: RunMeta['seed'] | undefined): string {
  if (seed === undefined) return '';
  return `${typeof seed.value === 'number' ? seed.value : fieldText(seed.value)}${seed.drawn ? ' (drawn)' : ''}`;
}
