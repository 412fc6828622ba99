import { type ChildProcess, spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { ComexError } from '../errors.ts';
import type { ExecOptions, ExecResult } from './experiment.ts';
import type { Programs } from './programs.ts';

/** How much of each stream the result keeps: the last bytes. */
const KEPT = 16 * 1024 * 1024;

/** Runs a program in a process group of its own; its output is passed on as it comes. */
export function execProgram(
  command: string,
  args: readonly string[],
  options: ExecOptions,
  run: {
    readonly signal: AbortSignal;
    readonly output: (stream: 'stdout' | 'stderr', text: string) => void;
    /** What has to end with the run. */
    readonly programs: Programs;
  },
): Promise<ExecResult> {
  return new Promise((resolve, reject) => {
    const shown = [command, ...args].join(' ').slice(0, 200);
    const child = begin(command, args, options, shown);
    if (child.pid !== undefined) run.programs.add(child.pid);
    const end = (): void => {
      if (child.pid !== undefined) run.programs.ask(child.pid);
    };
    if (run.signal.aborted) end();
    else run.signal.addEventListener('abort', end, { once: true });
    const kept = { stdout: new Tail(), stderr: new Tail() };
    for (const stream of ['stdout', 'stderr'] as const) {
      const decoder = new StringDecoder('utf8');
      child[stream]!.on('data', (chunk: Buffer) => {
        kept[stream].add(chunk);
        run.output(stream, decoder.write(chunk));
      });
    }
    child.stdin?.on('error', () => {}); // a program that does not read its input is no error of ours
    child.stdin?.end(options.input);
    const done = (): void => {
      run.signal.removeEventListener('abort', end);
      if (child.pid !== undefined) run.programs.delete(child.pid);
    };
    child.on('error', (cause) => {
      done();
      reject(cannotRun(shown, cause, 'Is it installed and on the PATH?'));
    });
    child.on('close', (code, signal) => {
      done();
      const result = { exitCode: code ?? 128, signal, stdout: kept.stdout.text(), stderr: kept.stderr.text() };
      if ((code === 0 || options.allowFailure === true) && !run.signal.aborted) return resolve(result);
      const how = signal === null ? `exited with ${code}` : `was ended by ${signal}`;
      const last = result.stderr.trim().split('\n').at(-1) ?? '';
      if (run.programs.isOver && !run.signal.aborted) return run.output('stderr', `${shown} ${how}, with the run.\n`);
      reject(new ComexError('E_EXEC', `${shown} ${how}.${last === '' ? '' : ` It said: ${last.slice(0, 300)}`}`));
    });
  });
}

function begin(command: string, args: readonly string[], options: ExecOptions, shown: string): ChildProcess {
  const { cwd, env, input } = options;
  if (cwd !== undefined && statSync(cwd, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new ComexError('E_EXEC', `Cannot run ${shown}: Expected the working directory ${cwd} to exist.`);
  }
  try {
    return spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      detached: process.platform !== 'win32',
    });
  } catch (cause) {
    throw cannotRun(shown, cause as Error, 'Give a command and a list of texts.');
  }
}

function cannotRun(shown: string, cause: Error, advice: string): ComexError {
  return new ComexError('E_EXEC', `Cannot run ${shown}: ${cause.message}. ${advice}`, { cause });
}

/** The last bytes of a stream. */
class Tail {
  #chunks: Buffer[] = [];
  #bytes = 0;

  add(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    while (this.#bytes - this.#chunks[0]!.length >= KEPT) this.#bytes -= this.#chunks.shift()!.length;
  }

  text(): string {
    return Buffer.concat(this.#chunks).subarray(-KEPT).toString('utf8');
  }
}
