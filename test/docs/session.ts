import { spawnSync } from 'node:child_process';
import { chmodSync, closeSync, mkdirSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PACKAGE, TestProject } from '../project.ts';
import { comparable, type Exchange, matches, SHOWN_ID } from './transcript.ts';

/** The path of the project in the documents. */
const SHOWN_ROOT = '/home/ada/project';
const TERMINAL = fileURLToPath(new URL('terminal.cjs', import.meta.url));

/** What a command printed, and whether that is what the document shows. */
export interface Compared {
  readonly same: boolean;
  /** As it stands in a document. */
  readonly printed: string;
  /** Both without what varies, for a message. */
  readonly expected: readonly string[];
  readonly actual: readonly string[];
}

/** A project in which the commands of one document are run, one after the other. */
export class Session {
  readonly project = new TestProject();
  /** Names of run folders and ids in the document, and those of the runs that stand for them. */
  readonly #names = new Map<string, string>();
  readonly #known = new Set<string>();

  constructor() {
    this.#program('comex', join(PACKAGE, 'dist/bin.js'));
    this.#program('tsx', join(PACKAGE, 'node_modules/tsx/dist/cli.mjs'));
    // What is installed is linked, so that nothing is downloaded.
    this.#script('npx', 'program="$1"; shift; exec "$program" "$@"');
    this.#script('npm', `mkdir -p node_modules && ln -sfn "${PACKAGE}" node_modules/comex`);
  }

  /** Runs a command as a person at a terminal of 80 columns does. */
  run({ command, shown }: Exchange): Compared {
    let typed = command;
    for (const [inDocument, name] of this.#names) typed = typed.replaceAll(inDocument, name);
    const printed = this.#execute(typed);
    const begun = this.#newRuns();
    const named = [...new Set(shown.flatMap((line) => line.match(SHOWN_ID) ?? []))];
    const fresh = named.filter((id) => !this.#names.has(id)).slice(0, begun.length);
    for (const [index, id] of fresh.entries()) {
      const folder = new RegExp(`[\\w-]+__${id}`).exec(shown.join('\n'))?.[0];
      if (folder !== undefined) this.#names.set(folder, begun[index]!.name);
      this.#names.set(id, begun[index]!.id);
    }
    const expected = shown.map((line) => comparable(line, [...named, ...this.#names.keys()], SHOWN_ROOT));
    const actual = printed.map((line) => comparable(line, this.#known, this.project.root));
    return { same: matches(expected, actual), printed: this.#asShown(printed), expected, actual };
  }

  #execute(command: string): string[] {
    const path = join(this.project.root, '.output');
    const file = openSync(path, 'w');
    try {
      const {
        NODE_OPTIONS: _,
        VITEST: _2,
        NODE_ENV: _3,
        FORCE_COLOR: _4,
        LC_ALL: _5,
        COLUMNS: _6,
        ...env
      } = process.env;
      spawnSync('sh', ['-c', command], {
        cwd: this.project.root,
        env: { ...env, PATH: `${join(this.project.root, '.bin')}:${env['PATH']}`, NO_COLOR: '1', LANG: 'en_US.UTF-8' },
        stdio: ['ignore', file, file],
      });
    } finally {
      closeSync(file);
    }
    const text = readFileSync(path, 'utf8').trimEnd();
    return text === '' ? [] : text.split('\n');
  }

  #asShown(printed: readonly string[]): string {
    let text = printed
      .map((line) => `${line.trimEnd()}\n`)
      .join('')
      .replaceAll(this.project.root, SHOWN_ROOT);
    for (const [inDocument, name] of this.#names) text = text.replaceAll(name, inDocument);
    return text;
  }

  #newRuns(): RunNames[] {
    const begun = runsBelow(this.project.root).filter(({ id }) => !this.#known.has(id));
    for (const { id } of begun) this.#known.add(id);
    return begun.sort((a, b) => a.startedAt.localeCompare(b.startedAt));
  }

  #program(name: string, file: string): void {
    this.#script(name, `NODE_OPTIONS='--require="${TERMINAL}"' exec "${process.execPath}" "${file}" "$@"`);
  }

  #script(name: string, script: string): void {
    const folder = join(this.project.root, '.bin');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, name), 0o755);
  }
}

interface RunNames {
  readonly id: string;
  /** Of its folder. */
  readonly name: string;
  readonly startedAt: string;
}

/** The runs below a folder, wherever they are. */
function runsBelow(folder: string): RunNames[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.name === 'node_modules' || entry.name.startsWith('.')) return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return runsBelow(path);
    if (entry.name !== 'experiment_meta.json') return [];
    const meta = JSON.parse(readFileSync(path, 'utf8')) as Partial<RunNames>;
    // Those of other programs have no id.
    return meta.id === undefined ? [] : [meta as RunNames];
  });
}
