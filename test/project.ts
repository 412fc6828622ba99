import { spawn, spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';
import { type LoadedRun, loadRun } from '../src/archive/load.ts';

/** The package that is tested, built. */
export const PACKAGE = fileURLToPath(new URL('..', import.meta.url));
const BIN = join(PACKAGE, 'dist/bin.js');

/** What a command printed, and how it ended. */
export interface Printed {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A project of a user in a folder of its own, removed when the test file has run. */
export class TestProject {
  readonly root: string;

  /** Files by path; a package.json with `"type": "module"` is there unless given. */
  constructor(files: Readonly<Record<string, string>> = {}) {
    this.root = realpathSync(mkdtempSync(join(tmpdir(), 'comex-test-')));
    roots.push(this.root);
    this.write({ 'package.json': '{ "name": "project", "type": "module" }\n', ...files });
    mkdirSync(join(this.root, 'node_modules'));
    symlinkSync(PACKAGE, join(this.root, 'node_modules/comex'));
  }

  write(files: Readonly<Record<string, string>>): void {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(this.root, path)), { recursive: true });
      writeFileSync(join(this.root, path), text);
    }
  }

  read(path: string): string {
    return readFileSync(join(this.root, path), 'utf8');
  }

  /** Runs a command of comex to its end. */
  comex(
    words: readonly string[],
    options: { readonly env?: Readonly<Record<string, string>>; readonly cwd?: string; readonly input?: string } = {},
  ): Printed {
    const { status, signal, stdout, stderr } = spawnSync(process.execPath, [BIN, ...words], {
      cwd: options.cwd ?? this.root,
      env: environment(options.env),
      encoding: 'utf8',
      input: options.input ?? '',
      maxBuffer: 256 * 1024 * 1024,
      // A command that hangs must fail its test, not the whole run of tests.
      timeout: 120_000,
      killSignal: 'SIGKILL',
    });
    return { status, signal, stdout, stderr };
  }

  /** Starts a command of comex that the test goes on beside. */
  start(words: readonly string[], env: Readonly<Record<string, string>> = {}) {
    return spawn(process.execPath, [BIN, ...words], {
      cwd: this.root,
      env: environment(env),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  /** Runs an experiment and reads the run back. Fails loudly when there is no run. */
  run(
    file: string,
    words: readonly string[] = [],
    env: Readonly<Record<string, string>> = {},
  ): { readonly printed: Printed; readonly run: LoadedRun } {
    const printed = this.comex(['run', file, '--json', ...words], { env });
    let path: string;
    try {
      path = (JSON.parse(printed.stdout) as { path: string }).path;
    } catch {
      throw new Error(
        `comex run ${file} printed no JSON (exit ${printed.status}):\n${printed.stdout}\n${printed.stderr}`,
      );
    }
    return { printed, run: loadRun(path) };
  }

  /** The run folders of a namespace. */
  runs(namespace: string): string[] {
    try {
      return readdirSync(join(this.root, 'results', namespace)).map((name) =>
        join(this.root, 'results', namespace, name),
      );
    } catch {
      return [];
    }
  }
}

const roots: string[] = [];

afterAll(() => {
  for (const root of roots.splice(0)) rmSync(root, { recursive: true, force: true });
});

/** The environment of a user at a terminal of 80 columns without colour; nothing of the test runner's. */
function environment(env: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _, VITEST: _2, NODE_ENV: _3, FORCE_COLOR: _4, ...rest } = process.env;
  return { ...rest, NO_COLOR: '1', ...env };
}
