import type { RunSummary } from '../archive/summary.ts';
import { encodePretty } from '../codec/json.ts';
import { isComexError } from '../errors.ts';
import { findProject, resultsFolder } from '../experiment/project.ts';
import { harmlessLines } from './errors.ts';
import { nameBroken } from './look-scope.ts';
import { harmless, harmlessJson, type Screen, screenOf } from './screen.ts';
import { type SelectionOptions, selectRuns } from './selection.ts';
import { renderTable, renderTsv, type TableColumn } from './table.ts';

/** What every command has that changes an archive. */
export interface ManageOptions {
  readonly results?: string | undefined;
  readonly json: boolean;
}

/** Where a command of an archive works, and how it says what it did. */
export class ManageScope {
  /** Absolute path of the archive. */
  readonly results: string;
  readonly cwd: string;
  readonly json: boolean;
  readonly screen: Screen;
  readonly tty: boolean;
  /** Things that went wrong so far. */
  failures = 0;

  constructor({ results, json }: ManageOptions) {
    this.cwd = process.cwd();
    this.results = resultsFolder(findProject(this.cwd, this.cwd), results, this.cwd);
    this.json = json;
    this.screen = screenOf(process.stdout);
    this.tty = process.stdout.isTTY === true;
  }

  /** 1 when something went wrong, else 0. */
  get status(): number {
    return this.failures === 0 ? 0 : 1;
  }

  /** Runs that words and options name; what cannot be read is named. Nothing said is a misuse. */
  async chosen(words: readonly string[], options: SelectionOptions): Promise<readonly RunSummary[]> {
    const { status, tag, namespace, job, since, sort, limit, children } = options;
    const filter = { status, tag, namespace, job, since, sort, limit, children };
    const { results, cwd } = this;
    const { runs, broken } = await selectRuns(words, filter, { results, cwd, explicit: true });
    this.broken(broken);
    return runs;
  }

  /** Does something with each of several things; one that fails is named, and the rest goes on. */
  each<T, R>(things: readonly T[], action: (thing: T) => R): R[] {
    const done: R[] = [];
    for (const thing of things) {
      try {
        done.push(action(thing));
      } catch (error) {
        if (!isComexError(error)) throw error;
        this.failed(`${error.message} (${error.code})`);
      }
    }
    return done;
  }

  failed(message: string): void {
    this.failures += 1;
    this.warn(message);
  }

  broken(all: ReadonlyArray<{ readonly path: string; readonly reason: string }>): void {
    nameBroken(all, { err: (text) => process.stderr.write(text) });
  }

  warn(message: string): void {
    process.stderr.write(`comex: ${harmlessLines(message)}\n`);
  }

  say(line: string): void {
    process.stdout.write(`${harmless(line)}\n`);
  }

  /** A table for people, tab-separated values for programs. */
  table(columns: readonly TableColumn[], rows: ReadonlyArray<readonly string[]>): void {
    process.stdout.write(this.tty ? renderTable(columns, rows, this.screen) : renderTsv(columns, rows));
  }

  print(value: unknown): void {
    process.stdout.write(`${harmlessJson(encodePretty(value))}\n`);
  }
}
