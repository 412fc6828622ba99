import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { ComexError } from '../../errors.ts';
import { onProcess } from '../../run/process-events.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** It reads the number of the program that runs, and sees by the end of the pipe that its parent has ended. */
const GUARD = `
let pid = 0;
process.stdin.on('data', (text) => { pid = Number(String(text).trim().split('\\n').at(-1)); });
process.stdin.on('end', () => {
  try { if (pid > 0) process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL'); } catch {}
  const remove = () => require('node:fs').rmSync(process.argv[1], { recursive: true, force: true, maxRetries: 5 });
  try { remove(); } catch { setTimeout(remove, 500); }
});`;

/** How a program ended. */
export interface ProgramEnd {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
}

/**
 * The programs that a reproduction starts, one at a time, each in a process group of its own: a signal to this process
 * is passed on to them once, and what they need is removed when they have ended.
 */
export class ReproductionPrograms {
  /** The signal that ended the reproduction. */
  signal: NodeJS.Signals | undefined;
  #child: ChildProcess | undefined;
  #guard: ChildProcess | undefined;
  readonly #forgetExit = onProcess('exit', () => this.#send('SIGKILL'));

  constructor() {
    for (const signal of SIGNALS) process.on(signal, this.#onSignal);
  }

  /**
   * Sees to it that a program ends, and a folder is removed, when this process is killed: nothing of its own runs then, so
   * another one waits for its end.
   */
  guard(folder: string): void {
    this.#guard = spawn(process.execPath, ['-e', GUARD, folder], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
      windowsHide: true,
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    // Without it, the next reproduction removes the folder.
    this.#guard.on('error', () => {});
    this.#guard.stdin?.on('error', () => {});
    this.#guard.unref();
    (this.#guard.stdin as { unref?: () => void } | null)?.unref?.();
  }

  /** Takes no signals any more. */
  stop(): void {
    this.#forgetExit();
    this.#guard?.stdin?.end();
    for (const signal of SIGNALS) process.off(signal, this.#onSignal);
  }

  /** @throws ComexError `E_INTERRUPTED` when a signal has come */
  refuseInterrupted(): void {
    if (this.signal === undefined) return;
    throw new ComexError('E_INTERRUPTED', `The reproduction was ended by ${this.signal}; nothing was kept.`);
  }

  /**
   * Runs a program to its end; what it prints goes to `onOutput`.
   *
   * @throws ComexError `E_EXEC` when it cannot be started, `E_INTERRUPTED` after a signal
   */
  async run(
    program: string,
    words: readonly string[],
    options: SpawnOptions,
    onOutput: (stream: 'stdout' | 'stderr', piece: Buffer) => void,
  ): Promise<ProgramEnd> {
    // A signal that has come before it could be passed on to anybody.
    await new Promise((resolve) => setImmediate(resolve));
    this.refuseInterrupted();
    const child = spawn(program, words, {
      ...options,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: process.platform !== 'win32',
    });
    this.#child = child;
    this.#guard?.stdin?.write(`${child.pid ?? 0}\n`);
    child.stdout?.on('data', (piece: Buffer) => onOutput('stdout', piece));
    child.stderr?.on('data', (piece: Buffer) => onOutput('stderr', piece));
    const end = await new Promise<ProgramEnd>((resolve, reject) => {
      child.on('error', (error) => {
        const { message } = error;
        reject(new ComexError('E_EXEC', `Cannot start ${program}: ${message}.`, { cause: error }));
      });
      child.on('exit', () => {
        // What it has left running may hold its output open.
        setTimeout(() => {
          child.stdout?.destroy();
          child.stderr?.destroy();
        }, 1000).unref();
      });
      child.on('close', (status, signal) => resolve({ status, signal }));
    }).finally(() => {
      this.#child = undefined;
      this.#guard?.stdin?.write('0\n');
    });
    this.refuseInterrupted();
    return end;
  }

  readonly #onSignal = (signal: NodeJS.Signals): void => {
    this.signal ??= signal;
    this.#send(signal);
  };

  #send(signal: NodeJS.Signals): void {
    const pid = this.#child?.pid;
    if (pid === undefined) return;
    try {
      process.kill(process.platform === 'win32' ? pid : -pid, signal);
    } catch {
      // It has ended by itself.
    }
  }
}
