import { createHash } from 'node:crypto';
import {
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { walkTree } from '../../src/manage/folder-tree.ts';
import { type Printed, TestProject } from '../project.ts';

/** What `comex reproduce --json` prints. */
export interface Reproduced {
  readonly identical: boolean;
  readonly run: { readonly id: string };
  readonly reproduction: { readonly id: string; readonly status: string; readonly path: string | null };
  readonly packages: string | null;
  readonly changed: ReadonlyArray<{ part: string; name: string; recorded?: string; now?: string; note?: string }>;
  readonly differences: ReadonlyArray<Record<string, unknown> & { readonly part: string; readonly name: string }>;
  readonly compared: Readonly<Record<string, unknown>>;
}

/** A project whose runs are reproduced, with a folder for temporary files that must be empty afterwards. */
export class ReproduceProject extends TestProject {
  readonly temporary = mkdtempSync(join(tmpdir(), 'comex-reproduce-test-'));

  constructor(files: Readonly<Record<string, string>>) {
    super(files);
    folders.push(this.temporary);
  }

  /** Runs the command, and sees to it that nothing is left behind. */
  reproduce(words: readonly string[], env: Readonly<Record<string, string>> = {}, cwd = this.root): Printed {
    const printed = this.comex(['reproduce', ...words], { env: { TMPDIR: this.temporary, ...env }, cwd });
    const left = readdirSync(this.temporary).filter((name) => name.startsWith('comex-reproduce'));
    if (left.length > 0) throw new Error(`left behind: ${left.join(', ')}`);
    return printed;
  }

  /** The outcome as an object, with what was printed. */
  reproduced(
    words: readonly string[],
    env: Readonly<Record<string, string>> = {},
    cwd = this.root,
  ): Reproduced & { readonly printed: Printed } {
    const printed = this.reproduce([...words, '--json'], env, cwd);
    try {
      return { ...(JSON.parse(printed.stdout) as Reproduced), printed };
    } catch {
      throw new Error(`reproduce printed no JSON (exit ${printed.status}):\n${printed.stdout}\n${printed.stderr}`);
    }
  }
}

/** What is in a folder for temporary files, but for what Node keeps there of compiled code. */
export function temporaryFiles(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name !== 'node-compile-cache')
    .sort();
}

/** Changes a JSON file. */
export function editJson(path: string, change: (value: Record<string, unknown>) => void): void {
  const value = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
  change(value);
  writeFileSync(path, JSON.stringify(value, null, 2));
}

/** Everything that is in a folder, with modes and times. */
export function fingerprint(folder: string): string {
  const hash = createHash('sha256');
  for (const { path, name, kind } of walkTree(folder)) {
    const { mode, mtimeMs } = lstatSync(path);
    const content = kind === 'file' ? readFileSync(path) : kind === 'link' ? readlinkSync(path) : '';
    hash.update(`${name}\0${kind}\0${mode}\0${mtimeMs}\0`).update(content);
  }
  return hash.digest('hex');
}

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders.splice(0)) if (existsSync(folder)) rmSync(folder, { recursive: true });
});
