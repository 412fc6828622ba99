// biome-ignore-all lint/suspicious/noTemplateCurlyInString: environment variables in YAML look like that
import { readdirSync } from 'node:fs';
import { expect } from 'vitest';
import type { TestProject } from '../project.ts';

/** The templates that come with comex. */
export const TEMPLATES = ['basic', 'training', 'simulation', 'benchmark'];
/** A text that comments, quotes, YAML and templates would each take for something else. */
export const HOSTILE =
  'Ends */ here, `ticks` ${HOME}, "quotes" and \'others\', @secret \\ # not: a key\n\n  * third - line\u2028\r';

/** Makes a file; returns its path below the project. */
export function make(project: TestProject, ...words: string[]): string {
  const { status, stdout, stderr } = project.comex(['new', ...words, '--json']);
  expect(status, stderr).toBe(0);
  const { path } = JSON.parse(stdout) as { path: string };
  return path.slice(project.root.length + 1);
}

/** The sentence that a command is refused with; nothing was made then. */
export function refused(project: TestProject, ...words: string[]): string {
  const before = allFiles(project);
  const { status, stdout, stderr } = project.comex(['new', ...words]);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toMatch(/^comex: .*\(E_\w+\)\n$/);
  expect(allFiles(project)).toEqual(before);
  return stderr;
}

function allFiles({ root }: TestProject): string[] {
  return readdirSync(root, { recursive: true, withFileTypes: false })
    .map(String)
    .filter((path) => !path.startsWith('node_modules'))
    .sort();
}
