import { spawn } from 'node:child_process';
import { StringDecoder } from 'node:string_decoder';
import { ComexError } from '../errors.ts';
import type { ExecOptions, ExecResult } from './experiment.ts';

/** How much of each stream the result keeps: the last bytes. */
const KEPT = 16 * 1024 * 1024;
/** From the polite end of a program to the hard one, in ms. */
const GRACE = 5_000;

/** Runs a program in a process group of its own; its output is passed on as it comes. */
export function execProgram(
  command: string,
  args: readonly string[],
  options: ExecOptions,
  run: {
    readonly signal: AbortSignal;
    readonly output: (stream: 'stdout' | 'stderr', text: string) => void;
    /** Groups that have to end when the process of the run ends in whatever way. */
    readonly groups: Set<number>;
  },
): Promise<ExecResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      detached: process.platform !== 'win32',
    });
    const shown = [command, ...args].join(' ').slice(0, 200);
    if (child.pid !== undefined) run.groups.add(child.pid);
    let force: NodeJS.Timeout | undefined;
    const end = (): void => {
      killGroup(child.pid, 'SIGTERM');
      force = setTimeout(() => killGroup(child.pid, 'SIGKILL'), GRACE);
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
      clearTimeout(force);
      run.signal.removeEventListener('abort', end);
      if (child.pid !== undefined) run.groups.delete(child.pid);
    };
    child.on('error', (cause) => {
      done();
      reject(
        new ComexError('E_EXEC', `Cannot run ${shown}: ${cause.message}. Is it installed and on the PATH?`, { cause }),
      );
    });
    child.on('close', (code, signal) => {
      done();
      const result = { exitCode: code ?? 128, signal, stdout: kept.stdout.text(), stderr: kept.stderr.text() };
      if ((code === 0 || options.allowFailure === true) && !run.signal.aborted) return resolve(result);
      const how = signal === null ? `exited with ${code}` : `was ended by ${signal}`;
      const last = result.stderr.trim().split('\n').at(-1) ?? '';
      reject(new ComexError('E_EXEC', `${shown} ${how}.${last === '' ? '' : ` It said: ${last.slice(0, 300)}`}`));
    });
  });
}

/** Ends a process group; one that is gone already is fine. */
export function killGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
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
