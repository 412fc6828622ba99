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
  /** The calls that the fault harness counted. */
  readonly calls: readonly string[];
}

/** What an experiment says when a call of `e` has returned, or thrown. */
export type Ack =
  | readonly ['log', text: string]
  | readonly ['point', series: string, value: unknown]
  | readonly ['datum', path: string, value: unknown]
  | readonly ['row', table: string, row: unknown]
  | readonly ['file', path: string, content: unknown]
  | readonly ['flushed']
  | readonly ['refused', what: string, code: string | undefined, message: string];

/** A project of a user, in a folder that the caller removes. */
export class Project {
  readonly root = realpathSync(mkdtempSync(join(tmpdir(), 'comex-durability-')));
  readonly results = join(this.root, 'results');

  constructor(files: Readonly<Record<string, string>>) {
    for (const [path, text] of Object.entries({ 'package.json': '{ "type": "module" }\n', ...files })) {
      mkdirSync(dirname(join(this.root, path)), { recursive: true });
      writeFileSync(join(this.root, path), text);
    }
    mkdirSync(join(this.root, 'node_modules'));
    symlinkSync(PACKAGE, join(this.root, 'node_modules/comex'));
  }

  /** Starts a command of comex; `acked` is told of each acknowledgement as it comes. */
  start(words: readonly string[], fault?: Fault, acked: (ack: Ack) => void = () => {}) {
    const trace = join(this.root, `trace-${counter++}`);
    const plan = fault === undefined ? {} : { COMEX_FAULT: JSON.stringify({ folder: this.results, trace, ...fault }) };
    const preload = fault === undefined ? [] : ['--import', FAULTS];
    const child = spawn(process.execPath, [...preload, join(PACKAGE, 'dist/bin.js'), ...words], {
      cwd: this.root,
      env: { PATH: process.env['PATH'], HOME: this.root, NO_COLOR: '1', ...plan },
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    });
    const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE);
    const output = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream]!.setEncoding('utf8').on('data', (text: string) => {
        output[stream] += text;
      });
    }
    const acks = new AckReader(acked);
    (child.stdio[3] as Readable).setEncoding('utf8').on('data', (text: string) => acks.add(text));
    const ended = new Promise<Ended>((done) => {
      child.on('close', (code, signal) => {
        clearTimeout(timer);
        const calls = fault === undefined ? [] : readFileSync(trace, 'utf8').trim().split('\n');
        rmSync(trace, { force: true });
        done({ code, signal, ...output, acks: acks.all, calls });
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
  readonly #acked: (ack: Ack) => void;
  #open = '';

  constructor(acked: (ack: Ack) => void) {
    this.#acked = acked;
  }

  add(text: string): void {
    const lines = (this.#open + text).split('\n');
    this.#open = lines.pop()!;
    for (const line of lines) {
      const ack = JSON.parse(line) as Ack;
      this.all.push(ack);
      this.#acked(ack);
    }
  }
}
