import {
  closeSync,
  constants,
  copyFileSync,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { storageError } from '../../codec/storage.ts';
import { Secrets } from '../../run/secrets.ts';
import type { FoundFile, Report } from './found.ts';

/** What is larger is no configuration that somebody wrote a secret into. */
const SEARCHED_BYTES = 64 * 1024 * 1024;

/**
 * Copies a file, without the secrets that are known. One that cannot be read is named, and the rest goes on; a disk that
 * is full ends it.
 *
 * @throws ComexError `E_STORAGE`
 */
export function copyReadable(folder: string, file: FoundFile, secrets: Secrets, report: Report): void {
  let clean: Buffer | undefined;
  try {
    clean = withoutSecrets(file.source, secrets);
  } catch (error) {
    report.problems.push(`${file.path} was left out: ${storageError(error, 'read', file.source).message}`);
    return;
  }
  copyFile(folder, file, clean);
  if (clean !== undefined) report.remarks.push(`${file.path} holds a secret, which is blotted out in the copy`);
}

/** @param content instead of that of the original. @throws ComexError `E_STORAGE` */
export function copyFile(folder: string, { source, path }: FoundFile, content?: Buffer): void {
  const target = join(folder, path);
  try {
    mkdirSync(dirname(target), { recursive: true });
    if (content !== undefined) writeFileSync(target, content, { flag: 'wx' });
    else copyFileSync(source, target, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
    const { atime, mtime } = statSync(source);
    utimesSync(target, atime, mtime);
  } catch (error) {
    throw storageError(error, `copy ${source} to`, target);
  }
}

/** The content without secrets; undefined when there is none in it. */
function withoutSecrets(path: string, secrets: Secrets): Buffer | undefined {
  if (secrets.texts.size === 0 || statSync(path).size > SEARCHED_BYTES) {
    // Opening tells what no look at its mode does.
    closeSync(openSync(path, 'r'));
    return undefined;
  }
  // A byte a letter, so that everything else stays as it is.
  const text = readFileSync(path, 'latin1');
  const asBytes = new Secrets();
  for (const secret of secrets.texts) asBytes.texts.add(Buffer.from(secret).toString('latin1'));
  const clean = asBytes.scrub(text);
  return clean === text ? undefined : Buffer.from(clean, 'latin1');
}
