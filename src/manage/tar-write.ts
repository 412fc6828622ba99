/** Writing tar files: POSIX ustar, with pax records for what does not fit (long names, large files, exact times). */

export const BLOCK = 512;
const MAX_OCTAL_SIZE = 8 ** 11 - 1;
const LONGEST_NAME = 100;

/** One entry of a tar file. */
export interface TarEntry {
  /** With forward slashes; that of a folder may end in one. */
  readonly name: string;
  readonly kind: 'file' | 'folder' | 'link';
  /** Bytes that follow; 0 but for files. */
  readonly size: number;
  /** Permission bits. */
  readonly mode: number;
  /** Seconds since the epoch, with their fraction. */
  readonly mtime: number;
  /** Where a symbolic link leads. */
  readonly target?: string;
}

const TYPES = { file: '0', folder: '5', link: '2' } as const;

/** The blocks before the bytes of an entry. */
export function tarHeader(entry: TarEntry): Buffer {
  const name = entry.kind === 'folder' && !entry.name.endsWith('/') ? `${entry.name}/` : entry.name;
  const records: [string, string][] = [['mtime', entry.mtime.toFixed(9).replace(/\.?0+$/, '')]];
  if (!fits(name)) records.push(['path', name]);
  if (entry.target !== undefined && !fits(entry.target)) records.push(['linkpath', entry.target]);
  if (entry.size > MAX_OCTAL_SIZE) records.push(['size', String(entry.size)]);
  const pax = Buffer.concat(records.map(([key, value]) => paxRecord(key, value)));
  return Buffer.concat([
    header({ name: 'pax', type: 'x', size: pax.length, mode: 0o644, mtime: 0, target: '' }),
    pax,
    tarPadding(pax.length),
    header({
      name: cut(name),
      type: TYPES[entry.kind],
      size: entry.size > MAX_OCTAL_SIZE ? 0 : entry.size,
      mode: entry.mode & 0o7777,
      mtime: Math.max(0, Math.floor(entry.mtime)),
      target: cut(entry.target ?? ''),
    }),
  ]);
}

/** Zeros up to the next whole block behind so many bytes. */
export function tarPadding(bytes: number): Buffer {
  return Buffer.alloc((BLOCK - (bytes % BLOCK)) % BLOCK);
}

/** What every tar file ends with. */
export function tarEnd(): Buffer {
  return Buffer.alloc(2 * BLOCK);
}

function header(fields: {
  readonly name: string;
  readonly type: string;
  readonly size: number;
  readonly mode: number;
  readonly mtime: number;
  readonly target: string;
}): Buffer {
  const block = Buffer.alloc(BLOCK);
  block.write(fields.name, 0);
  block.write(octal(fields.mode, 7), 100);
  block.write(octal(0, 7), 108);
  block.write(octal(0, 7), 116);
  block.write(octal(fields.size, 11), 124);
  block.write(octal(Math.min(fields.mtime, MAX_OCTAL_SIZE), 11), 136);
  block.write('        ', 148);
  block.write(fields.type, 156);
  block.write(fields.target, 157);
  block.write('ustar\x0000', 257, 'latin1');
  let checksum = 0;
  for (const byte of block) checksum += byte;
  block.write(`${octal(checksum, 6)}\0 `, 148, 'latin1');
  return block;
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0');
}

/** `<length> <key>=<value>\n`, where the length counts its own digits. */
function paxRecord(key: string, value: string): Buffer {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest + String(rest).length;
  length = rest + String(length).length;
  return Buffer.from(`${length} ${key}=${value}\n`);
}

function fits(text: string): boolean {
  return text.length <= LONGEST_NAME && /^[\x20-\x7e]*$/.test(text);
}

/** What old programs see of a name that they do not understand. */
function cut(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '_').slice(0, LONGEST_NAME);
}
