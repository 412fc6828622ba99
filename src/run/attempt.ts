import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { claimFolder } from '../archive/folder.ts';
import {
  type AttemptRecord,
  CODE_FOLDER,
  ENVIRONMENT_FILE,
  FORMAT,
  type GitRecord,
  META_FILE,
  PATCH_FILE,
  type RunMeta,
  trackFile,
  type WrittenStatus,
} from '../archive/layout.ts';
import { processIdentity } from '../archive/liveness.ts';
import { syncFile, writeFileAtomic } from '../codec/atomic.ts';
import { encodePretty, encodeWithFunctions } from '../codec/json.ts';
import type { ComexError } from '../errors.ts';
import type { Resolved } from '../experiment/define.ts';
import { ParameterScope } from '../experiment/scope.ts';
import { Claim } from './claim.ts';
import { RunData } from './data.ts';
import { describeEnvironment } from './environment.ts';
import { errorLog, recordError, scrubError } from './errors-record.ts';
import { RunFiles, refusal } from './files.ts';
import type { GitState } from './git.ts';
import { Inputs } from './inputs.ts';
import type { RunLog } from './log.ts';
import { type Beginning, describeArtifacts, describeEnd, describeRun } from './metadata.ts';
import { isSecret } from './parameters-record.ts';
import { Pending } from './pending.ts';
import { redactValue } from './redact.ts';
import { Secrets } from './secrets.ts';
import { Snapshot } from './snapshot.ts';
import { Tables } from './tables.ts';
import { Tracker } from './tracker.ts';

/** What an attempt is told of its surroundings. */
export interface AttemptOptions {
  /** Absolute path of the archive. */
  readonly results: string;
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly tags: readonly string[];
  readonly note?: string;
}

/** What came of the main function. */
interface Outcome {
  readonly result?: unknown;
  readonly error?: unknown;
}

type Ended = Outcome & { readonly status: WrittenStatus };

/** One process's work on a run: its folder, and all that is written into it. */
export class Attempt {
  readonly id: string;
  readonly path: string;
  readonly namespace: string;
  readonly seed: { readonly value: number | string; readonly drawn: boolean };
  readonly scope: ParameterScope;
  readonly log: RunLog;
  readonly tracker: Tracker;
  readonly data: RunData;
  readonly tables: Tables;
  readonly inputs: Inputs;
  readonly snapshot: Snapshot;
  readonly startedAt = new Date();
  readonly #started = performance.now();
  readonly #beginning: Beginning = { at: this.startedAt, cpu: process.cpuUsage() };
  readonly #resolved: Resolved;
  readonly #options: AttemptOptions;
  readonly #name: string;
  readonly files: RunFiles;
  readonly #claim: Claim;
  readonly #secrets = new Secrets();
  #git: GitRecord | undefined;
  #final: Partial<RunMeta> = {};
  #closed = false;
  #metaText = '';
  #end: NonNullable<AttemptRecord['outcome']> | undefined;
  readonly pending = new Pending();
  /** Whether the final status is on disk. */
  concluded = false;
  /** What the disk refused first when the run ended. */
  problem: ComexError | undefined;
  /** How the module was loaded; known once it is. */
  loader: RunMeta['loader'];
  /** Whether `testing(e)` is being called. */
  testing = false;

  /**
   * Claims a folder and writes what is known before anything of the experiment runs, the metadata last: a folder that
   * has them is a run. One that cannot be begun is removed.
   *
   * @throws ComexError `E_STORAGE`, and as `claimFolder` does
   */
  constructor(resolved: Resolved, options: AttemptOptions) {
    this.#resolved = resolved;
    this.#options = options;
    this.scope = new ParameterScope(resolved.definition.declared, resolved.given);
    // What is logged before the metadata are written has to be kept clean, too.
    this.scope.onValue = (name, value) => {
      const secret = isSecret(resolved.definition.declared.get(name)!);
      redactValue(value, name, { paths: [], texts: this.#secrets.texts }, secret);
    };
    const special = (name: string): unknown => resolved.known.get(name)?.value?.value;
    for (const [name, { value, source }] of resolved.known) {
      const isOwn = resolved.definition.module.parameters.some((parameter) => parameter.name === name);
      if (value !== undefined && !isOwn) this.scope.preset(name, value.value, source);
    }
    const seed = special('__SEED__') as number | string | null;
    this.seed =
      seed === null ? { value: Math.floor(Math.random() * 2 ** 32), drawn: true } : { value: seed, drawn: false };
    this.namespace = (special('__NAMESPACE__') as string | null) ?? resolved.definition.namespace;
    const { id, name, path } = claimFolder({
      results: options.results,
      namespace: this.namespace,
      prefix: special('__PREFIX__') as string,
      debug: this.debug,
      now: this.startedAt,
    });
    this.id = id;
    this.path = path;
    this.#name = name;
    const { root } = resolved.definition.project;
    const startedAt = this.startedAt.toISOString();
    try {
      this.#claim = new Claim(path, { attempt: 1, ...processIdentity(), startedAt, reason: 'start' });
      this.files = new RunFiles(path, this.#secrets.scrub);
      this.log = this.files.log;
      const open = this.files.open.bind(this.files);
      this.tracker = new Tracker(open(join(path, trackFile(1))), path, {
        format: FORMAT,
        attempt: 1,
        origin: startedAt,
      });
      this.data = new RunData(path, open);
      this.tables = new Tables(path, open);
      this.snapshot = new Snapshot(path, root);
      this.inputs = new Inputs(root, this.snapshot);
      this.snapshot.write(resolved.definition);
      writeFileAtomic(join(path, ENVIRONMENT_FILE), `${encodePretty(describeEnvironment(root))}\n`);
      this.writeMeta();
    } catch (error) {
      this.#abandon();
      throw error;
    }
  }

  /** Milliseconds since the start, by the monotonic clock. */
  get elapsed(): number {
    return Math.round((performance.now() - this.#started) * 1000) / 1000;
  }

  /** How long the run took, in ms; so far, while it goes on. */
  get durationMs(): number {
    return this.#final.durationMs ?? this.elapsed;
  }

  get debug(): boolean {
    return this.#resolved.known.get('__DEBUG__')?.value?.value === true;
  }

  /** Keeps what git knew when the run started. */
  setGit(state: GitState | undefined): void {
    if (state === undefined) return;
    this.#git = state.record;
    if (state.patch === undefined) return;
    const patch = state.record.patch!;
    const problem = refusal(() => void this.snapshot.patch(state.patch!));
    if (problem !== undefined) this.files.report(problem.message);
    const kept = problem === undefined ? { file: `${CODE_FOLDER}/${PATCH_FILE}` } : { skipped: problem.message };
    this.#git = { ...state.record, patch: { ...patch, ...kept } };
  }

  /** Makes everything so far survive a loss of power. @throws ComexError `E_STORAGE` */
  sync(): void {
    const problem = refusal(() => this.files.sync());
    if (problem === undefined) return;
    this.files.report(problem.message);
    throw problem;
  }

  /**
   * Puts the final status on disk, synchronously: nothing that comes later can change how the run ended. Never throws
   * for the disk: a run that could not keep what it had taken has failed, unless it has an error of its own. Returns
   * how the run ended.
   */
  conclude(given: WrittenStatus, outcome: Outcome): Ended {
    if (this.concluded) return { status: this.#final.status ?? given, ...outcome };
    this.concluded = true;
    this.#claim.rest();
    this.log.end();
    this.problem = this.files.flushRecords();
    const before = this.#outcome(given, outcome, this.problem);
    const unwritten = this.#write(before);
    this.problem ??= unwritten;
    // Without the result there is less to write, and the attempt's own file tells the status where nothing else does.
    const after = unwritten === undefined ? before : this.#outcome(given, { error: outcome.error }, unwritten);
    if (unwritten !== undefined) this.#write(after);
    return after;
  }

  /** How the run ended, seen that the disk may have refused something. */
  #outcome(status: WrittenStatus, outcome: Outcome, problem: ComexError | undefined): Ended {
    if (problem === undefined || outcome.error !== undefined) return { ...outcome, status };
    return { ...outcome, status: 'failed', error: problem };
  }

  /** Writes the final metadata and the end of the attempt; where the disk is full, with the room kept for that. */
  #write({ status, ...outcome }: Ended): ComexError | undefined {
    const error = outcome.error === undefined ? undefined : scrubError(recordError(outcome.error), this.#secrets.scrub);
    if (error !== undefined && error.message !== this.#final.error?.message) this.log.line(errorLog(error));
    const final = describeEnd(this.#beginning, this.elapsed, { ...outcome, status, error });
    this.#final = final;
    const end = { status, endedAt: final.endedAt, ...(error === undefined ? {} : { error }) };
    this.#end = end;
    const unwritten = this.#insist(() => this.writeMeta());
    return this.#insist(() => this.#claim.end(end)) ?? unwritten;
  }

  /** Tries again what the disk refuses, with the room that was kept for the end. */
  #insist(write: () => void): ComexError | undefined {
    if (refusal(write) === undefined) return undefined;
    this.#claim.release();
    return refusal(write);
  }

  /** Folds the journal in, syncs and closes the files. Never throws for the disk: see `problem`. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.log.end();
    const keep = (work: () => void): void => {
      const problem = refusal(work);
      if (problem !== undefined) this.files.report(problem.message);
      this.problem ??= problem;
    };
    keep(() => this.files.sync());
    keep(() => this.files.closeRecords());
    // Unless the tree is whole, the journal stays: nothing is missing.
    const unfolded = refusal(() => this.data.finish());
    if (unfolded !== undefined) this.files.report(unfolded.message);
    keep(() => this.writeMeta({ sync: true }));
    keep(() => this.files.closeLog());
    const end = this.#end;
    if (end !== undefined) keep(() => this.#claim.end({ ...end, closed: true }));
  }

  /** Writes the metadata as they stand; when the disk refuses, the run goes on, and writes them again at its end. */
  updateMeta(): void {
    const problem = refusal(() => this.writeMeta());
    if (problem !== undefined) this.files.report(`${problem.message} It is written again when the run ends.`);
  }

  /** Writes the metadata as they stand. @throws ComexError `E_STORAGE` */
  writeMeta(options: { readonly sync?: boolean } = {}): void {
    const meta: RunMeta = {
      ...describeRun({
        id: this.id,
        name: this.#name,
        namespace: this.namespace,
        resolved: this.#resolved,
        scope: this.scope,
        beginning: this.#beginning,
        seed: this.seed,
        debug: this.debug,
        argv: this.#options.argv,
        cwd: this.#options.cwd,
        tags: this.#options.tags,
        note: this.#options.note,
        git: this.#git,
        snapshot: this.snapshot,
        loader: this.loader,
        inputs: this.inputs,
        secrets: this.#secrets,
      }),
      ...this.#final,
      ...(this.concluded ? { series: this.tracker.summaries(), ...describeArtifacts(this.path) } : {}),
    };
    const whole: unknown = JSON.parse(encodeWithFunctions(meta, 'metadata'));
    // What was derived from a secret holds it, too.
    const clean = (_: string, value: unknown): unknown =>
      typeof value === 'string' ? this.#secrets.scrub(value) : value;
    const text = `${JSON.stringify(whole, this.#secrets.texts.size > 0 ? clean : undefined, 2)}\n`;
    const path = join(this.path, META_FILE);
    if (text !== this.#metaText) writeFileAtomic(path, text, options);
    else if (options.sync === true) syncFile(path);
    this.#metaText = text;
  }

  /** Removes the folder of a run that could not be begun. */
  #abandon(): void {
    this.#claim?.rest();
    refusal(() => this.files?.closeRecords());
    refusal(() => this.files?.closeLog());
    try {
      rmSync(this.path, { recursive: true, force: true });
    } catch {
      // It stays, without metadata: no run.
    }
  }
}
