import type { ChildProcessByStdio } from 'node:child_process';
import type { Readable } from 'node:stream';
import { afterEach } from 'vitest';
import type { TestProject } from '../project.ts';

/** A command that goes on beside the test. */
export interface Started {
  readonly project: TestProject;
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  /** Everything that it has printed so far. */
  readonly output: () => string;
  /** Resolves when a text has been printed, the given number of times; fails when the command ends without it. */
  readonly said: (text: string, times?: number) => Promise<void>;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
}

const running = new Set<Started['child']>();

// A test that failed must not leave a process behind.
afterEach(() => {
  for (const child of running) child.kill('SIGKILL');
});

/** Starts a command of comex in a project. */
export function start(
  project: TestProject,
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Started {
  const child = project.start(words, env);
  running.add(child);
  let printed = '';
  const waiting = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
      for (const look of waiting) look();
    });
  }
  const ended = new Promise<Awaited<Started['ended']>>((resolve) => {
    child.on('exit', (code, signal) => {
      running.delete(child);
      resolve({ code, signal });
    });
  });
  const said = (text: string, times = 1): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (printed.split(text).length <= times) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
      look();
      void ended.then(() => {
        look();
        reject(new Error(`The command ended without saying "${text}":\n${printed}`));
      });
    });
  return { project, child, output: () => printed, said, ended };
}
