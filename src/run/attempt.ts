import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { claimChildFolder, claimFolder } from '../archive/folder.ts';
import {
  CODE_FOLDER,
  ENVIRONMENT_FILE,
  FORMAT,
  type GitRecord,
  PATCH_FILE,
  type RunMeta,
  trackFile,
  type WrittenStatus,
} from '../archive/layout.ts';
import { processIdentity } from '../archive/liveness.ts';
import { refuseUnusableTags } from '../archive/tag-text.ts';
import { writeFileAtomic } from '../codec/atomic.ts';
import { encodePretty } from '../codec/json.ts';
import type { ComexError } from '../errors.ts';
import type { Resolved } from '../experiment/define.ts';
import type { ParameterScope } from '../experiment/scope.ts';
import { writeAnalysisFile } from './analysis-file.ts';
import { Claim } from './claim.ts';
import { Conclusion, type Outcome } from './conclusion.ts';
import { RunData } from './data.ts';
import { describeEnvironment } from './environment.ts';
import { RunFiles, refusal } from './files.ts';
import type { GitState } from './git.ts';
import { Inputs } from './inputs.ts';
import type { RunLog } from './log.ts';
import { type Beginning, describeArtifacts, describeRun } from './metadata.ts';
import { MetadataFile } from './metadata-file.ts';
import { openScope, type Seed, seedOf, specialOf } from './opening.ts';
import { Pending } from './pending.ts';
import { References } from './references.ts';
import { Secrets } from './secrets.ts';
import type { Sightings } from './sightings.ts';
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
  /** The run that this one is a child of. */
  readonly parent?: ParentRun;
  /** Whether a script opened it. */
  readonly opened?: true;
  /** What the run is seen to use, when that is to be known. */
  readonly sightings?: Sightings | undefined;
}

/** What a child run needs of its parent. */
export interface ParentRun {
  readonly id: string;
  /** Absolute path of its folder. */
  readonly path: string;
  /** The archive that it is in. */
  readonly results: string;
  /** Holds the code of all runs of a tree. */
  readonly snapshot: Snapshot;
  /** Seed of the child, where none is given: drawn from the parent's. */
  readonly seed: number;
  readonly git: GitRecord | undefined;
  /** How many runs it is inside of, counting from 0. */
  readonly depth: number;
  /** Those of all runs of a tree: what a child prints or returns reaches its parent. */
  readonly secrets: Secrets;
}

/** One process's work on a run: its folder, and all that is written into it. */
export class Attempt {
  readonly id: string;
  readonly path: string;
  readonly namespace: string;
  readonly seed: Seed;
  readonly scope: ParameterScope;
  readonly log: RunLog;
  readonly tracker: Tracker;
  readonly data: RunData;
  readonly tables: Tables;
  readonly inputs: Inputs;
  readonly references: References;
  readonly snapshot: Snapshot;
  readonly startedAt = new Date();
  readonly #started = performance.now();
  readonly #beginning: Beginning = { at: this.startedAt, cpu: process.cpuUsage() };
  readonly #resolved: Resolved;
  readonly #options: AttemptOptions;
  readonly #name: string;
  readonly files: RunFiles;
  readonly #claim: Claim;
  readonly secrets: Secrets;
  readonly #metadata: MetadataFile;
  readonly #conclusion: Conclusion;
  #git: GitRecord | undefined;
  readonly pending = new Pending();
  /** How the module was loaded; known once it is. */
  loader: RunMeta['loader'];
  /** What the experiment wants harvested. */
  harvest: RunMeta['harvest'];
  /** What the experiment says differs each time. */
  volatile: readonly string[] = [];
  /** Whether `testing(e)` is being called. */
  testing = false;

  /**
   * Claims a folder and writes what is known before anything of the experiment runs, the metadata last: a folder that
   * has them is a run. One that cannot be begun is removed.
   *
   * @throws ComexError `E_STORAGE`, `E_USAGE` for what is no tag, and as `claimFolder` does
   */
  constructor(resolved: Resolved, options: AttemptOptions) {
    refuseUnusableTags(options.tags);
    this.#resolved = resolved;
    this.#options = options;
    this.secrets = options.parent?.secrets ?? new Secrets();
    this.scope = openScope(resolved, this.secrets);
    this.seed = seedOf(resolved, options.parent?.seed);
    this.namespace = (specialOf(resolved, '__NAMESPACE__') as string | null) ?? resolved.definition.namespace;
    const { parent } = options;
    const request = {
      results: options.results,
      namespace: this.namespace,
      prefix: specialOf(resolved, '__PREFIX__') as string,
      debug: this.debug,
      now: this.startedAt,
    };
    const { id, name, path } = parent === undefined ? claimFolder(request) : claimChildFolder(parent.path);
    this.id = id;
    this.path = path;
    this.#name = name;
    const { root } = resolved.definition.project;
    const startedAt = this.startedAt.toISOString();
    try {
      this.#claim = new Claim(path, { attempt: 1, ...processIdentity(), startedAt, reason: 'start' });
      this.files = new RunFiles(path, this.secrets.scrub);
      this.log = this.files.log;
      const open = this.files.open.bind(this.files);
      this.tracker = new Tracker(open(join(path, trackFile(1))), path, {
        format: FORMAT,
        attempt: 1,
        origin: startedAt,
      });
      this.data = new RunData(path, open);
      this.tables = new Tables(path, open);
      this.snapshot = new Snapshot(path, root, parent?.snapshot);
      this.inputs = new Inputs(root, this.snapshot);
      this.references = new References(root);
      this.#metadata = new MetadataFile(path, this.secrets);
      this.#conclusion = new Conclusion({
        beginning: this.#beginning,
        claim: this.#claim,
        files: this.files,
        data: this.data,
        scrub: this.secrets.scrub,
        elapsed: () => this.elapsed,
        writeMeta: (options) => this.writeMeta(options),
      });
      this.snapshot.write(resolved.definition);
      if (parent === undefined) {
        writeFileAtomic(join(path, ENVIRONMENT_FILE), `${encodePretty(describeEnvironment(root))}\n`);
        writeAnalysisFile(path);
      } else this.#git = parent.git;
      this.writeMeta();
    } catch (error) {
      this.abandon();
      throw error;
    }
  }

  /** Milliseconds since the start, by the monotonic clock. */
  get elapsed(): number {
    return Math.round((performance.now() - this.#started) * 1000) / 1000;
  }

  /** How long the run took, in ms; so far, while it goes on. */
  get durationMs(): number {
    return this.#conclusion.final.durationMs ?? this.elapsed;
  }

  get debug(): boolean {
    return specialOf(this.#resolved, '__DEBUG__') === true;
  }

  get git(): GitRecord | undefined {
    return this.#git;
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

  /** Whether the final status is on disk. */
  get concluded(): boolean {
    return this.#conclusion.concluded;
  }

  /** What the disk refused first when the run ended. */
  get problem(): ComexError | undefined {
    return this.#conclusion.problem;
  }

  /** Puts the final status on disk; see `Conclusion`. */
  conclude(status: WrittenStatus, outcome: Outcome): ReturnType<Conclusion['conclude']> {
    if (!this.concluded) this.#options.sightings?.conclude(this.#resolved, this.snapshot.record(), this.log);
    return this.#conclusion.conclude(status, outcome);
  }

  /** Folds the journal in, syncs and closes the files. Never throws for the disk: see `problem`. */
  close(): void {
    this.#conclusion.close();
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
        parent: this.#options.parent?.id,
        opened: this.#options.opened,
        sightings: this.#options.sightings,
        git: this.#git,
        snapshot: this.snapshot,
        loader: this.loader,
        inputs: this.inputs,
        references: this.references,
        harvest: this.harvest,
        volatile: this.volatile,
        secrets: this.secrets,
      }),
      ...this.#conclusion.final,
      ...(this.concluded ? { series: this.tracker.summaries(), ...describeArtifacts(this.path) } : {}),
    };
    this.#metadata.write(meta, options);
  }

  /** Removes the folder of a run that could not be begun. */
  abandon(): void {
    this.#options.sightings?.end();
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
