import type { SightingRecord, SnapshotRecord } from '../archive/layout.ts';
import type { Resolved } from '../experiment/define.ts';
import { environmentReads } from './environment-reads.ts';
import type { RunLog } from './log.ts';
import { isSecret } from './parameters-record.ts';
import { watchProcess } from './sighting-patches.ts';
import { type Caller, callerOf, placeOf } from './sighting-place.ts';
import { sightingText } from './sighting-text.ts';
import { NAMED } from './snapshot.ts';

export type SightingKind = SightingRecord['kind'];

/** Calls of one function that are looked at one by one; a look takes some microseconds, */
const EXACT = 1000;
/** and from then on, one of so many. */
const SAMPLE = 100;

interface Entry {
  readonly kind: SightingKind;
  readonly what: string;
  readonly where: string | undefined;
  readonly through: string | undefined;
  count: number;
}

interface Calls {
  number: number;
  /** Whose the call was that was looked at last; undefined for one that does not count. */
  last: Entry | undefined;
}

/** What the code of a run was seen to use that another run may find otherwise. */
export class Sightings {
  readonly #root: string;
  readonly #entries = new Map<string, Entry>();
  readonly #calls = new Map<string, Calls>();
  #stop: () => void = () => {};

  /** @param root Absolute path of the project. */
  constructor(root: string) {
    this.#root = root;
  }

  get records(): readonly SightingRecord[] {
    return [...this.#entries.values()].map(({ kind, what, where, through, count }) => ({
      kind,
      what,
      count,
      ...(where === undefined ? {} : { where }),
      ...(through === undefined ? {} : { through }),
    }));
  }

  /**
   * Takes note of a call by the code of the project, or of a package for it; what comex or Node do themselves is none.
   *
   * @param above the function that was called: the frames above it are the caller's
   */
  call(kind: SightingKind, what: string, above: (...args: never[]) => unknown): void {
    const calls = this.#calls.get(what) ?? { number: 0, last: undefined };
    if (calls.number === 0) this.#calls.set(what, calls);
    calls.number += 1;
    if (calls.number <= EXACT || calls.number % SAMPLE === 0) calls.last = this.#entryOf(kind, what, callerOf(above));
    if (calls.last !== undefined) calls.last.count += 1;
  }

  /** Begins to watch the process. */
  begin(): void {
    this.#stop = watchProcess();
  }

  /** Ends the watch. */
  end(): void {
    this.#stop();
  }

  /** Ends the watch with the run: adds what the run has not kept, and writes all of it into its log. */
  conclude(resolved: Resolved, { skipped }: SnapshotRecord, log: RunLog): void {
    this.end();
    for (const { path, reason } of skipped) if (reason === NAMED) this.#note('file', path);
    for (const name of lostSecrets(resolved)) this.#note('secret', name);
    for (const { what, where } of environmentReads(resolved)) this.#note('environment', what, where);
    const lines = this.records.map((record) => `Seen: ${sightingText(record)}.`);
    for (const line of lines) log.line(line);
    if (lines.length === 0) log.line('Seen: nothing that another run may find otherwise.');
  }

  #note(kind: SightingKind, what: string, where?: string): void {
    this.#entries.set(`${kind} ${what}`, { kind, what, where, through: undefined, count: 1 });
  }

  #entryOf(kind: SightingKind, what: string, caller: Caller | undefined): Entry | undefined {
    if (caller === undefined) return undefined;
    const key = `${kind} ${what} ${caller.through ?? ''}`;
    const known = this.#entries.get(key);
    if (known !== undefined) return known;
    const { through } = caller;
    const entry: Entry = { kind, what, where: caller.isInProject ? placeOf(this.#root) : undefined, through, count: 0 };
    this.#entries.set(key, entry);
    return entry;
  }
}

/** Secrets that were given from outside: nothing tells them again. Scripts have theirs from where they say. */
function lostSecrets({ definition, given }: Resolved): string[] {
  if (definition.chain.modules.length === 0) return [];
  return [...given.keys()].filter((name) => isSecret(definition.declared.get(name)!));
}
