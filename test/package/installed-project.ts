import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
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
import { delimiter, dirname, join } from 'node:path';
import { PACKAGE, type Printed } from '../project.ts';

/** What the package is built from. */
const SOURCES = [
  'package.json',
  'tsconfig.json',
  'README.md',
  'CHANGELOG.md',
  'LICENSE',
  'assets',
  'scripts',
  'src',
] as const;

/** A new project of a user into which the packed package was installed, as on a machine that never saw comex. */
export class InstalledProject {
  readonly #home = realpathSync(mkdtempSync(join(tmpdir(), 'comex-package-')));
  /** The folder of the project. */
  readonly root = join(this.#home, 'project');
  /** The packed package. */
  readonly tarball: string;

  /** Packs a copy of the sources, built anew, and installs the result from the registry without install scripts. */
  constructor() {
    try {
      const sources = join(this.#home, 'comex');
      for (const name of SOURCES) {
        if (existsSync(join(PACKAGE, name))) cpSync(join(PACKAGE, name), join(sources, name), { recursive: true });
      }
      symlinkSync(join(PACKAGE, 'node_modules'), join(sources, 'node_modules'));
      this.#must('npm', ['pack', '--pack-destination', this.#home], sources);
      this.tarball = join(this.#home, readdirSync(this.#home).find((name) => name.endsWith('.tgz')) as string);
      mkdirSync(this.root);
      this.#must('npm', ['init', '-y']);
      // Absolute, so that a lock file that was copied elsewhere still names it.
      this.#must('npm', ['pkg', 'set', `dependencies.comex=file:${this.tarball}`]);
      this.install('--ignore-scripts');
    } catch (error) {
      this.remove();
      throw error;
    }
  }

  /** Runs `npm install`, from npm's cache where it can. */
  install(...words: readonly string[]): void {
    this.#must('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', ...words]);
  }

  /** The files of the installed package, with forward slashes. */
  packageFiles(): string[] {
    return filesOf(join(this.root, 'node_modules/comex'));
  }

  /** The packages that are installed, `@scope/name` included. */
  packages(): string[] {
    const modules = join(this.root, 'node_modules');
    const names = readdirSync(modules).filter((name) => !name.startsWith('.'));
    return names.flatMap((name) =>
      name.startsWith('@') ? readdirSync(join(modules, name)).map((each) => `${name}/${each}`) : [name],
    );
  }

  write(files: Readonly<Record<string, string>>): void {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(this.root, path)), { recursive: true });
      writeFileSync(join(this.root, path), text);
    }
  }

  /** An empty folder beside the project. */
  folderBeside(name: string): string {
    return join(this.#home, name);
  }

  /** Runs a program of the Node that runs the tests, as a user at a prompt does. */
  run(program: string, words: readonly string[], cwd: string = this.root): Printed {
    const { status, signal, stdout, stderr } = spawnSync(program, words, {
      cwd,
      env: environment(),
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    });
    return { status, signal, stdout, stderr };
  }

  /** Runs an experiment by `npx comex run`; returns its run folder. */
  experiment(words: readonly string[], cwd?: string): string {
    const { status, stdout, stderr } = this.run('npx', ['comex', 'run', ...words, '--json'], cwd);
    if (status !== 0) throw new Error(`comex run ${words.join(' ')} ended with ${status}.\n${stdout}\n${stderr}`);
    return (JSON.parse(stdout) as { path: string }).path;
  }

  remove(): void {
    rmSync(this.#home, { recursive: true, force: true });
  }

  #must(program: string, words: readonly string[], cwd?: string): void {
    const { status, stdout, stderr } = this.run(program, words, cwd);
    if (status !== 0) throw new Error(`${program} ${words.join(' ')} ended with ${status}.\n${stdout}\n${stderr}`);
  }
}

/** The files below a folder, with forward slashes. */
export function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll('\\', '/'),
    )
    .sort();
}

export function readJson<T>(...path: readonly string[]): T {
  return JSON.parse(readFileSync(join(...path), 'utf8')) as T;
}

/** What a shell has; nothing of the test runner's, nor of the npm that started it. */
function environment(): NodeJS.ProcessEnv {
  const inherited =
    /^(NODE_OPTIONS|NODE_ENV|FORCE_COLOR|INIT_CWD|VITEST.*|npm_(package|lifecycle|command|config_\w*prefix).*)$/;
  const kept = Object.entries(process.env).filter(([name]) => !inherited.test(name));
  const path = `${dirname(process.execPath)}${delimiter}${process.env['PATH'] ?? ''}`;
  return { ...Object.fromEntries(kept), PATH: path, NO_COLOR: '1', npm_config_update_notifier: 'false' };
}
