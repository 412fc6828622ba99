/** The names and schemas of everything in a run folder. Nothing else in comex spells a file name of it. */

/** The format of run folders that this version writes. Readers accept every format up to it. */
export const FORMAT = 1;

export const META_FILE = 'experiment_meta.json';
export const ENVIRONMENT_FILE = 'experiment_environment.json';
export const NOTES_FILE = 'experiment_notes.jsonl';
export const DATA_JOURNAL_FILE = 'experiment_data.jsonl';
export const DATA_FILE = 'experiment_data.json';
export const PATCH_FILE = 'git.patch';
export const ANALYSIS_FILE = 'analysis.ts';

export const ATTEMPTS_FOLDER = 'attempts';
export const CHECKPOINTS_FOLDER = 'checkpoints';
export const CODE_FOLDER = 'code';
export const MEDIA_FOLDER = 'media';
export const PLOTS_FOLDER = 'plots';
export const RUNS_FOLDER = 'runs';
export const TABLES_FOLDER = 'tables';
export const HIDDEN_FOLDER = '.comex';
export const DEBUG_FOLDER = 'debug';

/** The folders of a run folder that belong to comex: no artifact may be named into them. */
export const OWN_FOLDERS: readonly string[] = [
  ATTEMPTS_FOLDER,
  CHECKPOINTS_FOLDER,
  CODE_FOLDER,
  MEDIA_FOLDER,
  PLOTS_FOLDER,
  RUNS_FOLDER,
  TABLES_FOLDER,
  HIDDEN_FOLDER,
];

/** The prefix of every file that comex itself keeps at the top of a run folder. */
export const OWN_PREFIX = 'experiment_';

/** `experiment_log.txt` for the first attempt, `experiment_log.<n>.txt` after it. */
export function logFile(attempt: number): string {
  return attempt === 1 ? 'experiment_log.txt' : `experiment_log.${attempt}.txt`;
}

/** `experiment_track.jsonl` for the first attempt, `experiment_track.<n>.jsonl` after it. */
export function trackFile(attempt: number): string {
  return attempt === 1 ? 'experiment_track.jsonl' : `experiment_track.${attempt}.jsonl`;
}

/** `attempts/<n>.json`. */
export function attemptFile(attempt: number): string {
  return `${ATTEMPTS_FOLDER}/${attempt}.json`;
}

/** `attempts/<n>.memory.json`. */
export function memoryFile(attempt: number): string {
  return `${ATTEMPTS_FOLDER}/${attempt}.memory.json`;
}

/** A status that a run itself wrote. */
export type WrittenStatus =
  | 'queued'
  | 'running'
  | 'done'
  | 'failed'
  | 'interrupted'
  | 'timeout'
  | 'preempted'
  | 'cancelled'
  | 'pruned';

/** A status that a reader gives: what was written, or what the evidence says instead of `running`. */
export type Status = WrittenStatus | 'killed' | 'stalled' | 'lost';

/** Where the value of a parameter came from, strongest first. */
export type ParameterSource = 'assigned' | 'testing' | 'given' | 'inherited' | 'config' | 'derived' | 'default';

/** One parameter as the metadata keeps it. */
export interface ParameterRecord {
  /** The value in force; tagged by the codec. Absent while it is not known yet. */
  readonly value?: unknown;
  /** What was given from outside, before any derivation; absent when nothing was. */
  readonly given?: unknown;
  /** Values given for single fields, by dotted path below the parameter. */
  readonly givenFields?: Readonly<Record<string, unknown>>;
  /** Source text of the default. */
  readonly default?: string;
  readonly type?: string;
  readonly doc?: string;
  readonly source: ParameterSource;
  /** Where the value stands that is used when nothing is given, `experiments/parent.ts:4`; absent in a single module. */
  readonly from?: string;
  /** Where the `inherit` declarations stand that made the value of it, the nearest to the parent first. */
  readonly through?: readonly string[];
  /** True when the value is a secret: `value`, `given` and `default` then hold a placeholder. */
  readonly redacted?: boolean;
}

/** What is kept of an error: of the one that ended a run, or of one inside it. */
export interface ErrorRecord {
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
  readonly code?: string;
  readonly cause?: ErrorRecord;
}

/** The summary of one series in the metadata, written at the end of an attempt. */
export interface SeriesSummary {
  readonly count: number;
  readonly kind: 'number' | 'text' | 'image' | 'mixed';
  /** Of the last point; null when it is no number. NaN and infinities are tagged by the codec. */
  readonly last: unknown;
  /** Over the numbers that are not NaN; absent when there is none. */
  readonly min?: number;
  readonly max?: number;
  readonly firstStep?: number;
  readonly lastStep?: number;
}

export interface ArtifactRecord {
  /** Relative to the run folder, with forward slashes. */
  readonly path: string;
  readonly bytes: number;
}

export interface InputRecord {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
  /** Relative path of the copy in the run folder, when there is one. */
  readonly copy?: string;
}

export interface GitRecord {
  readonly commit: string | null;
  readonly branch: string | null;
  readonly dirty: boolean;
  readonly untracked?: readonly string[];
  /** Present when the tree was dirty: the patch in `code/git.patch`, or why there is none. */
  readonly patch?: { readonly bytes: number; readonly file?: string; readonly skipped?: string };
}

export interface SnapshotRecord {
  /** SHA-256 over the sorted paths and hashes of the files. */
  readonly hash: string;
  /** The folder that holds them, relative to the run folder, when it is not `code`: of a child run. */
  readonly folder?: string;
  /** Paths below that folder, with forward slashes. */
  readonly files: readonly string[];
  /** What could not be kept, and why: computed imports, files outside the project, secrets, too large. */
  readonly skipped: ReadonlyArray<{ readonly path: string; readonly reason: string }>;
}

export interface ResourceRecord {
  readonly cpuUserMs: number;
  readonly cpuSystemMs: number;
  readonly maxRssBytes: number;
}

/** `experiment_meta.json`. Readers ignore fields that they do not know. */
export interface RunMeta {
  readonly format: number;
  readonly comex: string;
  readonly id: string;
  /** Name of the run folder. */
  readonly name: string;
  /** Namespace with forward slashes, such as `vision/digits`. */
  readonly namespace: string;
  /** Path of the module or YAML experiment that was run, relative to the project root, forward slashes. */
  readonly module: string;
  readonly root: string;
  readonly description?: string;
  /** A name that people gave it later. */
  readonly title?: string;
  readonly status: WrittenStatus;
  readonly debug: boolean;
  readonly testing: boolean;
  readonly attempt: number;
  /** ISO 8601, UTC, milliseconds. */
  readonly startedAt: string;
  readonly endedAt?: string;
  /** By the monotonic clock. */
  readonly durationMs?: number;
  readonly uid: string;
  readonly codeHash: string;
  /** The run that this one is a child of. */
  readonly parent?: { readonly id: string };
  /** What the experiment extends, nearest first: paths as `module`. */
  readonly parents: readonly string[];
  /** Mixins in the order included: paths as `module`. */
  readonly mixins: readonly string[];
  /** Those of the mixins that were named from outside, by `__INCLUDE__`. */
  readonly included?: readonly string[];
  /** Hooks that the experiment applies, by name. */
  readonly hooks: Readonly<Record<string, { readonly doc?: string }>>;
  readonly parameters: Readonly<Record<string, ParameterRecord>>;
  readonly seed: { readonly value: number | string; readonly drawn: boolean };
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly tags: readonly string[];
  readonly note?: string;
  readonly git?: GitRecord;
  readonly snapshot: SnapshotRecord;
  /** How the modules were loaded: compiled one by one, or by tsx; absent until they are. */
  readonly loader?: 'plain' | 'tsx';
  readonly inputs: readonly InputRecord[];
  /** Dotted paths of what was redacted, such as `parameters.API_KEY` or `argv.3`. */
  readonly redacted: readonly string[];
  readonly result?: unknown;
  readonly error?: ErrorRecord;
  readonly series?: Readonly<Record<string, SeriesSummary>>;
  readonly artifacts?: readonly ArtifactRecord[];
  readonly resources?: ResourceRecord;
  /** Values that were taken later from files of other programs, by name. */
  readonly harvested?: Readonly<Record<string, unknown>>;
}

/** `attempts/<n>.json`: the claim of one process on a run. Its modification time is the heartbeat. */
export interface AttemptRecord {
  readonly attempt: number;
  readonly host: string;
  readonly bootId: string | null;
  readonly pid: number;
  /** Start time of the process in clock ticks since boot (Linux) or as `ps` prints it; null where unknown. */
  readonly processStart: string | null;
  /** Inode of the pid namespace; null where there is none. */
  readonly pidNamespace: string | null;
  readonly startedAt: string;
  /** Why the attempt began: `start`, later also `resume`, `requeue`. */
  readonly reason: string;
  readonly outcome?: {
    readonly status: WrittenStatus;
    readonly endedAt: string;
    readonly error?: ErrorRecord;
    /** Whether the process has let go of the folder: after the status come analyses, pictures, the folded journal. */
    readonly closed?: boolean;
  };
}

/** `attempts/<n>.memory.json`: the last look at the memory of an attempt, there only while it is running out. */
export interface MemoryRecord {
  /** ISO 8601, UTC. */
  readonly at: string;
  /** What the whole process holds in memory. */
  readonly rssBytes: number;
  /** What its heap holds: as measured, or the most that it may hold: what it had, and all that was taken since. */
  readonly heapBytes: number;
  readonly heapIsMeasured: boolean;
  /** What its heap has taken from the system. */
  readonly heapCommittedBytes: number;
  /** What the heap may hold. */
  readonly heapLimitBytes: number;
  /** What the system, or the container, had left, and has in all. */
  readonly availableBytes: number;
  readonly totalBytes: number;
  /** How many processes the system had ended for want of memory when the attempt began; absent where unknown. */
  readonly oomKills?: number;
}

/** First line of a track segment; every further line is a `TrackPoint`. */
export interface TrackHeader {
  readonly format: number;
  readonly attempt: number;
  /** Wall-clock time (ISO 8601) that times of this segment count from. */
  readonly origin: string;
}

/**
 * One point: name, step, milliseconds since the segment's origin by the monotonic clock, value, further axes.
 * A value is a number (tagged by the codec when JSON has none for it), a text, or an artifact reference.
 * @public
 */
export type TrackPoint = readonly [
  name: string,
  step: number,
  time: number,
  value: unknown,
  axes?: Readonly<Record<string, number>>,
];

/** A tracked value that lives in a file of the run folder. @public */
export interface ArtifactReference {
  readonly $image: string;
}

/**
 * One line of the data journal: `[path, value]` sets; `[path, tail, "append"]` appends the items of `tail` to the
 * array, the letters to the string or the entries to the object at the path.
 * @public
 */
export type DataEntry = readonly [path: string, value: unknown, mode?: 'append'];

/** One line of `experiment_notes.jsonl`: what people said of a run later. Readers lay it over the metadata. @public */
export type NoteRecord = {
  /** ISO 8601, UTC. */
  readonly at: string;
  /** The command or program that said it. */
  readonly by: string;
} & (
  | { readonly kind: 'tag'; readonly add?: readonly string[]; readonly remove?: readonly string[] }
  | { readonly kind: 'note'; readonly text: string }
  /** A name for people; the folder keeps its own. */
  | { readonly kind: 'rename'; readonly title: string }
  /** A field of the metadata by its dotted path, such as `parameters.LR`; without `to` it is taken away. */
  | { readonly kind: 'edit'; readonly path: string; readonly from?: unknown; readonly to?: unknown }
  | { readonly kind: 'harvest'; readonly values: Readonly<Record<string, unknown>>; readonly source: unknown }
);
