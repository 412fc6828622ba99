import { ComexError } from '../errors.ts';

const MAX_NAME_BYTES = 120;
const MAX_SEGMENT_BYTES = 255;

const PLAIN_NAME = /^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/;
const DEVICE = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9\u00b9\u00b2\u00b3])(?: *\.|$)/i;

/**
 * A file name for a series, a table or a key: different names give different file names, also on systems that ignore
 * case or normalise Unicode, and no name is one that a system treats in a special way.
 *
 * - `a-z 0-9 _ -` and dots inside stay as they are: `val_loss` -> `val_loss`
 * - a slash inside is a tilde: `loss/train` -> `loss~train`
 * - an upper-case letter is a plus and the letter: `F1` -> `+f1`
 * - anything else is `%` and the hexadecimal UTF-8 byte, as in a URL: `a b` -> `a%20b`; half a surrogate pair `%ud800`
 * - so are a dot or slash at either end, and the first letter of a Windows device name: `con` -> `%63on`
 * - a result over 120 bytes is cut and ends in `=` and a hash of the whole name
 *
 * The result is ASCII, at most 120 bytes; an extension may be added to it.
 *
 * @throws ComexError `E_NAME` when the name is empty
 */
export function encodeName(name: string): string {
  if (name === '') throw new ComexError('E_NAME', 'Expected a name, got an empty text. Give at least one character.');
  if (name.length <= MAX_NAME_BYTES && PLAIN_NAME.test(name) && !DEVICE.test(name)) return name;
  const device = DEVICE.test(name) && name.startsWith(name[0]!.toLowerCase());
  const last = name.length - 1;
  const room = MAX_NAME_BYTES - 1 - 32;
  let encoded = '';
  let prefix = '';
  let at = 0;
  for (const character of name) {
    const edge = at === 0 || at === last;
    encoded += device && at === 0 ? percent(character) : encodeCharacter(character, edge);
    at += character.length;
    if (encoded.length <= room) prefix = encoded;
    else if (encoded.length > MAX_NAME_BYTES) return `${prefix}=${hash(name)}`;
  }
  return encoded;
}

/** Whether a path stays inside the folder that it is relative to, and is a usable file name on every system. */
export function isSafeRelativePath(path: string): boolean {
  return whyUnsafe(path) === undefined;
}

/**
 * Refuses a path that leaves its folder or that some system cannot keep: absolute, with `..`, `.` or empty segments,
 * backslashes, NUL, a dot or space at the end of a segment, a Windows device name, over 255 bytes in a segment.
 *
 * @param what what the path names in the error, such as `the artifact`
 * @throws ComexError `E_NAME`
 */
export function refuseUnsafePath(path: string, what: string): void {
  const reason = whyUnsafe(path);
  if (reason === undefined) return;
  const shown = JSON.stringify(path.length > 100 ? `${path.slice(0, 100)}...` : path);
  const advice = 'Use a name such as "figures/loss.png".';
  throw new ComexError('E_NAME', `Expected ${what} to be a relative path, got ${shown}: ${reason}. ${advice}`);
}

function whyUnsafe(path: string): string | undefined {
  if (path === '') return 'it is empty';
  if (path.includes('\0')) return 'it contains a NUL character';
  if (path.includes('\\')) return 'it contains a backslash';
  if (path.startsWith('/') || /^[a-z]:/i.test(path)) return 'it is absolute';
  if (/\p{Surrogate}/u.test(path)) return 'it contains half a surrogate pair, which no file name can hold';
  for (const segment of path.split('/')) {
    const reason = whyUnsafeSegment(segment);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

function whyUnsafeSegment(segment: string): string | undefined {
  if (segment === '') return 'it has an empty segment';
  if (segment === '..') return 'it has a ".." segment';
  if (segment === '.') return 'it has a "." segment';
  if (/[. ]$/.test(segment)) return 'a segment ends in a dot or a space';
  if (DEVICE.test(segment)) return `${JSON.stringify(segment)} is the name of a device on Windows`;
  const bytes = Buffer.byteLength(segment);
  return bytes > MAX_SEGMENT_BYTES ? `a segment has ${bytes} bytes, more than ${MAX_SEGMENT_BYTES}` : undefined;
}

function encodeCharacter(character: string, edge: boolean): string {
  if (/[a-z0-9_-]/.test(character)) return character;
  if (/[A-Z]/.test(character)) return `+${character.toLowerCase()}`;
  if (!edge && character === '.') return '.';
  if (!edge && character === '/') return '~';
  return percent(character);
}

function percent(character: string): string {
  if (/\p{Surrogate}/u.test(character)) return `%u${character.charCodeAt(0).toString(16)}`;
  return [...Buffer.from(character)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
}

/** 128 bits of the SHA-256 of the UTF-16 text, which unlike UTF-8 tells lone surrogates apart. */
function hash(name: string): string {
  // Only here: node:crypto costs 3 ms at start-up, and few names are this long.
  const { createHash } = process.getBuiltinModule('node:crypto');
  return createHash('sha256').update(Buffer.from(name, 'utf16le')).digest('hex').slice(0, 32);
}
