import type { Screen } from './screen.ts';

const ASCII = /^[\x20-\x7e]*$/;
const NO_WIDTH = /^[\p{M}\p{Cf}\u1160-\u11ff]$/u;
const EMOJI = /\p{Emoji_Presentation}|\p{Emoji}\ufe0f/u;
/** Blocks of East Asian characters that fill two cells (Unicode's East Asian Width W and F). */
const WIDE: ReadonlyArray<readonly [from: number, to: number]> = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0x33ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x1_7000, 0x1_8cff],
  [0x1_b000, 0x1_b2ff],
  [0x2_0000, 0x3_fffd],
];

/** Code units of the longest joined emoji that are in use. */
const MAX_JOINED = 24;

let segmenter: Intl.Segmenter | undefined;

/** Cells that a text without control characters fills: none for combining marks, two for East Asian letters and emoji. */
export function displayWidth(text: string): number {
  if (ASCII.test(text)) return text.length;
  let width = 0;
  for (const cluster of clusters(text)) width += clusterWidth(cluster);
  return width;
}

/** The text in at most `width` cells; what is left out is marked by an ellipsis. */
export function cut(text: string, width: number, screen: Pick<Screen, 'unicode'>): string {
  // No text of fewer code units than cells is too wide, once wide characters are counted twice.
  if (text.length * 2 <= width || (text.length <= width * 4 && displayWidth(text) <= width)) return text;
  const mark = ellipsis(screen).slice(0, Math.max(0, width));
  const room = width - mark.length;
  let kept = '';
  let used = 0;
  // A cluster may have several code units; beyond this many nothing can fit any more.
  const head = text.length > width * 16 + 64 ? text.slice(0, width * 16 + 64) : text;
  for (const cluster of clusters(head)) {
    used += clusterWidth(cluster);
    if (used > room) break;
    kept += cluster;
  }
  return kept + mark;
}

export function ellipsis(screen: Pick<Screen, 'unicode'>): string {
  return screen.unicode ? '…' : '...';
}

/** The text followed, or led, by the spaces that make it `width` cells wide. */
export function pad(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const spaces = ' '.repeat(Math.max(0, width - displayWidth(text)));
  return align === 'left' ? text + spaces : spaces + text;
}

/** The words of a text on lines of at most `width` cells; a longer word gets lines of its own. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  let used = 0;
  for (const word of text.split(/\s+/).filter((part) => part !== '')) {
    for (const piece of pieces(word, width)) {
      const cells = displayWidth(piece);
      if (line !== '' && used + 1 + cells > width) {
        lines.push(line);
        line = '';
        used = 0;
      }
      used += cells + (line === '' ? 0 : 1);
      line += line === '' ? piece : ` ${piece}`;
    }
  }
  if (line !== '') lines.push(line);
  return lines;
}

function pieces(word: string, width: number): string[] {
  if (displayWidth(word) <= width) return [word];
  const found: string[] = [];
  let piece = '';
  let used = 0;
  for (const cluster of clusters(word)) {
    const cells = clusterWidth(cluster);
    if (used + cells > width && piece !== '') {
      found.push(piece);
      piece = '';
      used = 0;
    }
    piece += cluster;
    used += cells;
  }
  return [...found, piece];
}

/** What a reader takes for one character each. */
function* clusters(text: string): Generator<string> {
  if (ASCII.test(text)) {
    yield* text;
    return;
  }
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  for (const { segment } of segmenter.segment(text)) yield segment;
}

function clusterWidth(cluster: string): number {
  if (ASCII.test(cluster)) return cluster.length;
  // Terminals that do not join a long row of emoji draw all of them.
  if (EMOJI.test(cluster)) return cluster.length > MAX_JOINED ? cluster.length : 2;
  let width = 0;
  for (const character of cluster) width += characterWidth(character);
  return width;
}

function characterWidth(character: string): number {
  if (NO_WIDTH.test(character)) return 0;
  const code = character.codePointAt(0)!;
  return WIDE.some(([from, to]) => code >= from && code <= to) ? 2 : 1;
}
