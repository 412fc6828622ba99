import type { AttemptRecord, RunMeta, WrittenStatus } from '../archive/layout.ts';
import type { ComexError } from '../errors.ts';
import type { Claim } from './claim.ts';
import type { RunData } from './data.ts';
import { errorLog, recordError, scrubError } from './errors-record.ts';
import { type RunFiles, refusal } from './files.ts';
import { type Beginning, describeEnd } from './metadata.ts';

/** What came of the main function. */
export interface Outcome {
  readonly result?: unknown;
  readonly error?: unknown;
}

type Ended = Outcome & { readonly status: WrittenStatus };

/** What the end of an attempt is written with. */
export interface ConclusionParts {
  readonly beginning: Beginning;
  readonly claim: Claim;
  readonly files: RunFiles;
  readonly data: RunData;
  readonly scrub: (text: string) => string;
  /** Milliseconds since the start. */
  readonly elapsed: () => number;
  /** Writes the metadata with what is `final`. @throws ComexError `E_STORAGE` */
  readonly writeMeta: (options?: { readonly sync?: boolean }) => void;
}

/** Writes how an attempt ended, also where the disk refuses. Everything here is synchronous. */
export class Conclusion {
  readonly #parts: ConclusionParts;
  #end: NonNullable<AttemptRecord['outcome']> | undefined;
  #isClosed = false;
  /** What the end adds to the metadata. */
  final: Partial<RunMeta> = {};
  /** Whether the final status is on disk. */
  concluded = false;
  /** What the disk refused first when the run ended. */
  problem: ComexError | undefined;

  constructor(parts: ConclusionParts) {
    this.#parts = parts;
  }

  /**
   * Puts the final status on disk: nothing that comes later can change how the run ended. Never throws for the disk: a
   * run that could not keep what it had taken has failed, unless it has an error of its own. Returns how the run ended.
   */
  conclude(given: WrittenStatus, outcome: Outcome): Ended {
    if (this.concluded) return { status: this.final.status ?? given, ...outcome };
    this.concluded = true;
    const { claim, files } = this.#parts;
    claim.rest();
    files.log.end();
    this.problem = files.flushRecords();
    const before = seenThat(this.problem, given, outcome);
    const unwritten = this.#write(before);
    this.problem ??= unwritten;
    // Without the result there is less to write, and the attempt's own file tells the status where nothing else does.
    const after = unwritten === undefined ? before : seenThat(unwritten, given, { error: outcome.error });
    if (unwritten !== undefined) this.#write(after);
    return after;
  }

  /** Folds the journal in, syncs and closes the files. Never throws for the disk: see `problem`. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const { claim, files, data, writeMeta } = this.#parts;
    files.log.end();
    const keep = (work: () => void): void => {
      const problem = refusal(work);
      if (problem !== undefined) files.report(problem.message);
      this.problem ??= problem;
    };
    keep(() => files.sync());
    keep(() => files.closeRecords());
    // Unless the tree is whole, the journal stays: nothing is missing.
    const unfolded = refusal(() => data.finish());
    if (unfolded !== undefined) files.report(unfolded.message);
    keep(() => writeMeta({ sync: true }));
    keep(() => files.closeLog());
    const end = this.#end;
    if (end !== undefined) keep(() => claim.end({ ...end, closed: true }));
  }

  /** Writes the final metadata and the end of the attempt; where the disk is full, with the room kept for that. */
  #write({ status, ...outcome }: Ended): ComexError | undefined {
    const { beginning, claim, files, scrub, elapsed, writeMeta } = this.#parts;
    const error = outcome.error === undefined ? undefined : scrubError(recordError(outcome.error), scrub);
    if (error !== undefined && error.message !== this.final.error?.message) files.log.line(errorLog(error));
    const final = describeEnd(beginning, elapsed(), { ...outcome, status, error });
    this.final = final;
    const end = { status, endedAt: final.endedAt, ...(error === undefined ? {} : { error }) };
    this.#end = end;
    const unwritten = this.#insist(() => writeMeta());
    return this.#insist(() => claim.end(end)) ?? unwritten;
  }

  /** Tries again what the disk refuses, with the room that was kept for the end. */
  #insist(write: () => void): ComexError | undefined {
    if (refusal(write) === undefined) return undefined;
    this.#parts.claim.release();
    return refusal(write);
  }
}

/** How the run ended, seen that the disk may have refused something. */
function seenThat(problem: ComexError | undefined, status: WrittenStatus, outcome: Outcome): Ended {
  if (problem === undefined || outcome.error !== undefined) return { ...outcome, status };
  return { ...outcome, status: 'failed', error: problem };
}
