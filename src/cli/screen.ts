/** What is known of the terminal that text is written to. */
export interface Screen {
  /** Width in cells. */
  readonly columns: number;
  readonly color: boolean;
  /** Whether it shows more than ASCII. */
  readonly unicode: boolean;
}

const DEFAULT_COLUMNS = 80;
/** Nothing readable fits into less. */
const MIN_COLUMNS = 20;

/**
 * The screen behind a stream. Colour only on a terminal; `NO_COLOR` turns it off and wins over `FORCE_COLOR`, which turns
 * it on anywhere. Characters beyond ASCII unless the locale is `C`, `POSIX` or of another encoding than UTF-8.
 */
export function screenOf(
  stream: Pick<NodeJS.WriteStream, 'isTTY' | 'columns'>,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Screen {
  return { columns: columnsOf(stream, env), color: hasColor(stream.isTTY, env), unicode: hasUnicode(env) };
}

function columnsOf(
  stream: Pick<NodeJS.WriteStream, 'columns'>,
  env: Readonly<Record<string, string | undefined>>,
): number {
  const columns = stream.columns || Number(env.COLUMNS);
  return Number.isInteger(columns) && columns > 0 ? Math.max(MIN_COLUMNS, columns) : DEFAULT_COLUMNS;
}

function hasColor(isTTY: boolean | undefined, env: Readonly<Record<string, string | undefined>>): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = env;
  if (NO_COLOR !== undefined && NO_COLOR !== '') return false;
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false';
  return isTTY === true && TERM !== 'dumb';
}

function hasUnicode(env: Readonly<Record<string, string | undefined>>): boolean {
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || '';
  if (/utf-?8/i.test(locale)) return true;
  return locale !== 'C' && locale !== 'POSIX' && !locale.includes('.');
}

export type Style = (text: string) => string;

/** Functions that give a text a look; on a screen without colour they leave it as it is. */
export interface Paint {
  readonly bold: Style;
  readonly dim: Style;
  readonly red: Style;
  readonly green: Style;
  readonly yellow: Style;
  readonly cyan: Style;
}

/** The styles of a screen. Their escapes have no width: style a text after it has been cut and padded. */
export function paint(screen: Pick<Screen, 'color'>): Paint {
  const style =
    (on: number, off: number): Style =>
    (text) =>
      screen.color && text !== '' ? `\x1b[${on}m${text}\x1b[${off}m` : text;
  return {
    bold: style(1, 22),
    dim: style(2, 22),
    red: style(31, 39),
    green: style(32, 39),
    yellow: style(33, 39),
    cyan: style(36, 39),
  };
}

/** The style of a status: green when all is well, red when it failed, yellow when something stopped it. */
export function statusStyle(status: string, styles: Paint): Style {
  switch (status) {
    case 'done':
      return styles.green;
    case 'failed':
    case 'killed':
    case 'lost':
      return styles.red;
    case 'interrupted':
    case 'timeout':
    case 'preempted':
    case 'cancelled':
    case 'stalled':
      return styles.yellow;
    case 'running':
      return styles.cyan;
    default:
      return styles.dim;
  }
}

/** Control, separator, surrogate and format characters, but for joiners inside of words and emoji. */
const HARMFUL = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]|(?!(?<=[\p{L}\p{M}\p{Emoji}])[\u200c\u200d](?=[\p{L}\p{Emoji}]))\p{Cf}/gu;
/** More marks on one letter than any script has: they would spill over the lines around. */
const PILED_MARKS = /(\p{M}{4})\p{M}+/gu;
const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * A text from outside as one that cannot move the cursor, colour, hide or reorder anything, or begin a line:
 * what is not visible is shown as its escape, such as `\x1b`, `\n` or `\u202e`.
 */
export function harmless(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text)) return text;
  return text
    .replace(HARMFUL, (character) => NAMED[character] ?? escaped(character.codePointAt(0)!))
    .replace(PILED_MARKS, '$1');
}

/** JSON text, the same for programs, in which no string holds what could do harm on a terminal. */
export function harmlessJson(json: string): string {
  return json.replace(HARMFUL, (character) => {
    if (character === '\n') return character;
    return Array.from({ length: character.length }, (_, unit) => {
      return `\\u${character.charCodeAt(unit).toString(16).padStart(4, '0')}`;
    }).join('');
  });
}

function escaped(code: number): string {
  const hex = code.toString(16);
  if (code < 0x100) return `\\x${hex.padStart(2, '0')}`;
  return code < 0x1_0000 ? `\\u${hex.padStart(4, '0')}` : `\\u{${hex}}`;
}
