import { closeSync, mkdirSync, openSync, utimesSync, writeSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { listArtifacts } from '../archive/artifacts.ts';
import { claimFolder } from '../archive/folder.ts';
import {
  ATTEMPTS_FOLDER,
  type AttemptRecord,
  attemptFile,
  CODE_FOLDER,
  ENVIRONMENT_FILE,
  FORMAT,
  type GitRecord,
  logFile,
  META_FILE,
  PATCH_FILE,
  type RunMeta,
  trackFile,
  type WrittenStatus,
} from '../archive/layout.ts';
import { processIdentity } from '../archive/liveness.ts';
import { AppendLog } from '../codec/append.ts';
import { syncFile, writeFileAtomic } from '../codec/atomic.ts';
import { encodePretty, encodeWithFunctions } from '../codec/json.ts';
import { storageError } from '../codec/storage.ts';
import type { Resolved } from '../experiment/define.ts';
import { ParameterScope } from '../experiment/scope.ts';
import { version } from '../version.ts';
import { RunData } from './data.ts';
import { describeEnvironment } from './environment.ts';
import { recordError } from './errors-record.ts';
import type { GitState } from './git.ts';
import { identify } from './identity.ts';
import { Inputs } from './inputs.ts';
import { RunLog } from './log.ts';
import { isSecret, recordParameters } from './parameters-record.ts';
import { Pending } from './pending.ts';
import { isSecretName, REDACTED, redactArgv } from './redact.ts';
import { Snapshot } from './snapshot.ts';
import { Tables } from './tables.ts';
import { Tracker } from './tracker.ts';

const HEARTBEAT = 15_000;

/** What an attempt is told of its surroundings. */
export interface AttemptOptions {
  /** Absolute path of the archive. */
  readonly results: string;
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly tags: readonly string[];
  readonly note?: string;
}

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
  readonly #cpu = process.cpuUsage();
  readonly #resolved: Resolved;
  readonly #options: AttemptOptions;
  readonly #name: string;
  readonly #logFile: AppendLog;
  readonly #trackFile: AppendLog;
  readonly #record: AttemptRecord;
  readonly #heartbeat: NodeJS.Timeout;
  readonly #secrets = new Set<string>();
  #git: GitRecord | undefined;
  #final: Partial<RunMeta> = {};
  #closed = false;
  #metaText = '';
  readonly pending = new Pending();
  /** Whether the final status is on disk. */
  concluded = false;
  /** How the module was loaded; known once it is. */
  loader: RunMeta['loader'];
  /** Whether `testing(e)` is being called. */
  testing = false;

  /** Claims a folder and writes what is known before anything of the experiment runs. */
  constructor(resolved: Resolved, options: AttemptOptions) {
    this.#resolved = resolved;
    this.#options = options;
    this.scope = new ParameterScope(resolved.definition.declared, resolved.given);
    const special = (name: string): unknown => resolved.known.get(name)?.value?.value;
    for (const [name, { value, source }] of resolved.known) {
      const isOwn = resolved.definition.module.parameters.some((parameter) => parameter.name === name);
      if (value !== undefined && !isOwn) this.scope.preset(name, value.value, source);
    }
    const seed = special('__SEED__') as number | string | null;
    this.seed =
      seed === null ? { value: Math.floor(Math.random() * 2 ** 32), drawn: true } : { value: seed, drawn: false };
    this.namespace = (special('__NAMESPACE__') as string | null) ?? resolved.definition.namespace;
    const debug = special('__DEBUG__') as boolean;
    const prefix = special('__PREFIX__') as string;
    const { id, name, path } = claimFolder({
      results: options.results,
      namespace: this.namespace,
      prefix,
      debug,
      now: this.startedAt,
    });
    this.id = id;
    this.path = path;
    this.#name = name;
    this.#record = {
      attempt: 1,
      ...processIdentity(),
      startedAt: this.startedAt.toISOString(),
      reason: 'start',
    };
    this.#claim();
    this.#logFile = new AppendLog(join(path, logFile(1)));
    this.log = new RunLog(this.#logFile, (text) => this.#scrub(text));
    this.#trackFile = new AppendLog(join(path, trackFile(1)));
    this.tracker = new Tracker(this.#trackFile, path, {
      format: FORMAT,
      attempt: 1,
      origin: this.startedAt.toISOString(),
    });
    this.data = new RunData(path);
    this.tables = new Tables(path);
    this.snapshot = new Snapshot(path, resolved.definition.project.root);
    this.inputs = new Inputs(resolved.definition.project.root, this.snapshot);
    this.snapshot.write(resolved.definition);
    this.writeMeta();
    writeFileAtomic(
      join(path, ENVIRONMENT_FILE),
      `${encodePretty(describeEnvironment(resolved.definition.project.root))}\n`,
    );
    this.#heartbeat = setInterval(() => this.#beat(), HEARTBEAT);
    this.#heartbeat.unref();
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
    this.snapshot.patch(state.patch);
    this.#git = { ...state.record, patch: { ...state.record.patch!, file: `${CODE_FOLDER}/${PATCH_FILE}` } };
  }

  /** Hands everything over to the kernel. */
  flush(): void {
    this.#logFile.flush();
    this.#trackFile.flush();
    this.data.flush();
    this.tables.flush();
  }

  /** Makes everything so far survive a loss of power. */
  sync(): void {
    this.#logFile.sync();
    this.#trackFile.sync();
    this.data.sync();
    this.tables.sync();
  }

  /** Puts the final status on disk, synchronously: nothing that comes later can change how the run ended. */
  conclude(status: WrittenStatus, outcome: { readonly result?: unknown; readonly error?: unknown }): void {
    if (this.concluded) return;
    this.concluded = true;
    clearInterval(this.#heartbeat);
    const cpu = process.cpuUsage(this.#cpu);
    const error = outcome.error === undefined ? undefined : recordError(outcome.error);
    this.#final = {
      status,
      endedAt: new Date(this.startedAt.getTime() + this.elapsed).toISOString(),
      durationMs: this.elapsed,
      ...(outcome.result === undefined ? {} : { result: outcome.result }),
      ...(error === undefined ? {} : { error: this.#scrubbed(error) }),
      resources: {
        cpuUserMs: Math.round(cpu.user / 1000),
        cpuSystemMs: Math.round(cpu.system / 1000),
        maxRssBytes: process.resourceUsage().maxRSS * 1024,
      },
    };
    this.log.end();
    this.flush();
    this.writeMeta();
    const record = {
      ...this.#record,
      outcome: { status, endedAt: this.#final.endedAt!, ...(error === undefined ? {} : { error }) },
    };
    writeFileAtomic(join(this.path, attemptFile(1)), `${encodePretty(record)}\n`);
  }

  /** Folds the journal in, syncs and closes the files. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.log.end();
    this.sync();
    this.data.finish();
    this.tables.close();
    this.writeMeta({ sync: true });
    this.#trackFile.close();
    this.#logFile.close();
  }

  /** Writes the metadata as it stands. */
  writeMeta(options: { readonly sync?: boolean } = {}): void {
    const { definition } = this.#resolved;
    const recorded = recordParameters(this.#resolved, this.scope);
    for (const secret of recorded.secrets) this.#secrets.add(secret);
    const isSecretOption = (name: string): boolean =>
      isSecretName(name) || (definition.declared.has(name) && isSecret(definition.declared.get(name)!));
    const { argv, paths } = redactArgv(this.#options.argv, isSecretOption);
    const snapshot = this.snapshot.record();
    const meta: RunMeta = {
      format: FORMAT,
      comex: version,
      id: this.id,
      name: this.#name,
      namespace: this.namespace,
      module: relative(definition.project.root, definition.path).split(sep).join('/'),
      root: definition.project.root,
      ...(definition.module.description === undefined ? {} : { description: definition.module.description }),
      status: 'running',
      debug: this.debug,
      testing: this.scope.peek('__TESTING__')?.value === true,
      attempt: 1,
      startedAt: this.startedAt.toISOString(),
      uid: identify(this.namespace, snapshot.hash, recorded.parameters, this.seed),
      codeHash: snapshot.hash,
      parents: [],
      mixins: [],
      hooks: this.#hooks(),
      parameters: recorded.parameters,
      seed: this.seed,
      argv,
      cwd: this.#options.cwd,
      tags: this.#options.tags,
      ...(this.#options.note === undefined ? {} : { note: this.#options.note }),
      ...(this.#git === undefined ? {} : { git: this.#git }),
      snapshot,
      ...(this.loader === undefined ? {} : { loader: this.loader }),
      inputs: this.inputs.records,
      redacted: [...recorded.redacted, ...paths],
      ...this.#final,
      ...(this.concluded ? { series: this.tracker.summaries(), artifacts: listArtifacts(this.path) } : {}),
    };
    const text = `${JSON.stringify(JSON.parse(encodeWithFunctions(meta, 'metadata')), null, 2)}\n`;
    const path = join(this.path, META_FILE);
    if (text !== this.#metaText) writeFileAtomic(path, text, options);
    else if (options.sync === true) syncFile(path);
    this.#metaText = text;
  }

  /** The hooks that the module applies, with their docs. */
  #hooks(): RunMeta['hooks'] {
    const points = this.#resolved.definition.module.hookPoints;
    return Object.fromEntries(points.map(({ name, doc }) => [name, doc === undefined ? {} : { doc }]));
  }

  #claim(): void {
    const path = join(this.path, attemptFile(1));
    try {
      mkdirSync(join(this.path, ATTEMPTS_FOLDER), { recursive: true });
      const file = openSync(path, 'wx');
      writeSync(file, `${encodePretty(this.#record)}\n`);
      closeSync(file);
    } catch (cause) {
      throw storageError(cause, 'create', path);
    }
  }

  #beat(): void {
    const now = new Date();
    try {
      utimesSync(join(this.path, attemptFile(1)), now, now);
    } catch {
      // A heartbeat that cannot be written says what it should: nothing is known of this run.
    }
  }

  #scrub(text: string): string {
    let clean = text;
    for (const secret of this.#secrets)
      if (secret.length >= 4 && clean.includes(secret)) clean = clean.replaceAll(secret, REDACTED);
    return clean;
  }

  #scrubbed<T>(record: T): T {
    return this.#secrets.size === 0 ? record : (JSON.parse(this.#scrub(JSON.stringify(record))) as T);
  }
}
