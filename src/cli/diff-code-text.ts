import type { CodeDifference } from '../manage/diff-code.ts';
import { countText } from './quantity.ts';
import { harmless, paint, type Screen } from './screen.ts';

/**
 * Files that differ, each with a head and its lines.
 *
 * @param how `exact`: lines as they are, for programs; otherwise harmless for terminals
 */
export function codeText(
  files: readonly CodeDifference[],
  { screen, exact }: { readonly screen: Screen; readonly exact: boolean },
): string {
  const { bold, dim } = paint(screen);
  const texts = files.map((file) => {
    const counts = file.added + file.removed === 0 ? '' : `  +${file.added} -${file.removed}`;
    const title = `${titleOf(file)}${file.summary === undefined ? counts : `  (${file.summary})`}`;
    const { diff = '' } = file;
    if (diff === '') return `${bold(harmless(title))}\n`;
    const before = file.change === 'added' ? '/dev/null' : `a/${file.from ?? file.path}`;
    const after = file.change === 'removed' ? '/dev/null' : `b/${file.path}`;
    const head = `${dim(`--- ${harmless(before)}`)}\n${dim(`+++ ${harmless(after)}`)}\n`;
    return `${bold(harmless(title))}\n${head}${linesText(diff, screen, exact)}`;
  });
  return `${bold('code')}  ${dim(countText(files.length, 'file'))}\n${texts.join('')}`;
}

function titleOf({ path, from, change }: CodeDifference): string {
  return change === 'renamed' ? `renamed ${from} -> ${path}` : `${change} ${path}`;
}

function linesText(diff: string, screen: Screen, exact: boolean): string {
  const { red, green, cyan, dim } = paint(screen);
  const style: Readonly<Record<string, (text: string) => string>> = { '-': red, '+': green, '@': cyan, '\\': dim };
  const lines = diff.slice(0, -1).split('\n');
  return lines
    .map((line) => {
      const shown = exact ? line : line.split('\t').map(harmless).join('    ');
      return `${style[line[0] ?? '']?.(shown) ?? shown}\n`;
    })
    .join('');
}
