import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

const PACKAGE = fileURLToPath(new URL('../..', import.meta.url));
const FAULTS = fileURLToPath(new URL('faults.mjs', import.meta.url));
/** Longer than anything here takes: what hangs is ended, and told. */
const PATIENCE = 60_000;

/** What goes wrong in a process, see `faults.mjs`. */
export interface Fault {
  readonly mode: 'none' | 'kill' | 'torn' | 'error';
  /** The call that goes wrong, from 1 on. */
  readonly at: number;
  readonly code?: string;
  /** Whether all calls after it go wrong, too. */
  readonly lasting?: boolean;
}

/** How a command of comex ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** What the experiment wrote to descriptor 3, line by line, each value JSON. */
  readonly acks: readonly Ack[];
  /** The calls that the fault harness counted; none without it. */
  readonly calls: readonly string[];
}

/** What an experiment says when a call of `e` has returned, or thrown. */
export type Ack =
  | readonly ['log', text: string]
  | readonly ['point', series: string, value: unknown]
  | readonly ['points', values: Readonly<Record<string, unknown>>]
  | readonly ['datum', path: string, value: unknown]
  | readonly ['row', table: string, row: unknown]
  | readonly ['file', path: string, content: unknown]
  | readonly ['flushed']
  | readonly ['fast', index: number, time: number]
  | readonly ['refused', what: string, code: string | undefined, message: string];

/** A project of a user, in a folder that the caller removes. */
export class Project {
  readonly root = realpathSync(mkdtempSync(join(tmpdir(), 'comex-durability-')));
  readonly results = join(this.root, 'results');

  constructor(files: Readonly<Record<string, string>>) {
    const all = { 'package.json': '{ "type": "module" }\n', ...files };
    for (const [path, text] of Object.entries(all)) this.write(path, text);
    mkdirSync(join(this.root, 'node_modules'));
    symlinkSync(PACKAGE, join(this.root, 'node_modules/comex'));
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    writeFileSync(join(this.root, path), text);
  }

  /** Starts a command of comex with a fault. */
  startFaulty(words: readonly string[], fault: Fault): Promise<Ended> {
    const trace = join(this.root, `trace-${counter++}`);
    const plan = JSON.stringify({ folder: this.results, trace, ...fault });
    return this.start(words, { preload: FAULTS, env: { COMEX_FAULT: plan } }).ended.then((ended) => {
      const calls = readFileSync(trace, 'utf8').trim().split('\n');
      rmSync(trace);
      return { ...ended, calls };
    });
  }

  /** Starts a command of comex, with a module that is loaded before it. */
  start(words: readonly string[], options: { readonly preload?: string; readonly env?: NodeJS.ProcessEnv } = {}) {
    const { preload, env } = options;
    const imports = preload === undefined ? [] : ['--import', preload];
    const child = spawn(process.execPath, [...imports, join(PACKAGE, 'dist/bin.js'), ...words], {
      cwd: this.root,
      env: { PATH: process.env['PATH'], HOME: this.root, NO_COLOR: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    });
    const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE);
    const output = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream]!.setEncoding('utf8').on('data', (text: string) => {
        output[stream] += text;
      });
    }
    const acks = new AckReader();
    (child.stdio[3] as Readable).setEncoding('utf8').on('data', (text: string) => acks.add(text));
    const ended = new Promise<Ended>((done) => {
      child.on('close', (code, signal) => {
        clearTimeout(timer);
        done({ code, signal, ...output, acks: acks.all, calls: [] });
      });
    });
    return { child, ended };
  }

  /** Removes the archive, so that the next run begins as the first did. */
  clear(): void {
    rmSync(this.results, { recursive: true, force: true });
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

let counter = 0;

/** Puts acknowledgements together from pieces of a pipe; one that the end of the process cut off counts as none. */
class AckReader {
  readonly all: Ack[] = [];
  #open = '';

  add(text: string): void {
    const lines = (this.#open + text).split('\n');
    this.#open = lines.pop()!;
    for (const line of lines) this.all.push(JSON.parse(line) as Ack);
  }
}
