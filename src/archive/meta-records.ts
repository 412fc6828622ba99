import type { WrittenStatus } from './layout.ts';

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

/** A file outside of the run folder that belongs to the run, and was not copied: a checkpoint, a model. */
export interface ReferenceRecord {
  readonly name: string;
  /** As it was named, absolute or relative to the project root. */
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** Where a harvested value was read. */
export interface HarvestSource {
  /** The rule, as it was written. */
  readonly rule: Readonly<Record<string, unknown>>;
  /** Relative to the run folder, or to the project where the rule says so, else absolute. */
  readonly files: ReadonlyArray<{ readonly path: string; readonly bytes: number; readonly sha256: string }>;
  /** Values that it was made of: cells, matches, rows where rows are counted. */
  readonly count: number;
  /** Cells and fields without a value, which were passed over. */
  readonly empty?: number;
}

/** A value that was taken later from files of other programs. */
export interface HarvestedValue {
  readonly value: unknown;
  /** ISO 8601, UTC. */
  readonly at: string;
  /** The command or program that took it. */
  readonly by: string;
  /** Undefined when the program did not tell. */
  readonly source: HarvestSource | undefined;
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

/** Where a run comes from that another program made. */
export interface AdoptedRecord {
  /** Absolute path of the folder it was read from. */
  readonly from: string;
  readonly format: 'pycomex' | 'map';
  /** SHA-256 of what tells it from every other run: the same folder has the same. */
  readonly hash: string;
  /** SHA-256 of the other program's metadata alone: also when the results have changed, they are of one run. */
  readonly origin?: string;
  /** ISO 8601, UTC: when it was adopted. */
  readonly at: string;
  /** What could not be taken of the original, and what is otherwise than in it. */
  readonly remarks?: readonly string[];
  /** Of one whose status is `running`: how it is known that its process is gone. */
  readonly evidence?: string;
  /** What the other program's metadata say beside that. */
  readonly more?: Readonly<Record<string, unknown>>;
}

/** Something that a run used and that another run of the same may find otherwise. */
export interface SightingRecord {
  /** `file`: named in the code, and not kept; `secret`: given, and not kept; `environment`: read by a parameter. */
  readonly kind: 'clock' | 'random' | 'network' | 'file' | 'secret' | 'environment';
  /** What was called, such as `Date.now`; the path of the file; the name of the parameter; in YAML, of the variable. */
  readonly what: string;
  /** How often: exact up to 1,000, and then from every 100th. */
  readonly count: number;
  /** The first place in the project, `experiments/x.ts:12`; absent where there is none. */
  readonly where?: string;
  /** The package that did it. */
  readonly through?: string;
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
  /** Whether a script opened it with `openRun`: `module` is that script then, and no experiment. */
  readonly opened?: true;
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
  /** Absent for a run of another program that kept none. */
  readonly seed?: { readonly value: number | string; readonly drawn: boolean };
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
  /** What the experiment itself wants taken from files of other programs: its `harvest` export. */
  readonly harvest?: unknown;
  /** What differs each time by its nature, such as timings: its `volatile` export. */
  readonly volatile?: readonly string[];
  /** Files outside of the folder that belong to the run. */
  readonly references?: readonly ReferenceRecord[];
  /** Where the run comes from when another program made it. */
  readonly adopted?: AdoptedRecord;
  /** Of a run that was started with `__REPRODUCIBLE__`: all that it needs was captured. What else it was seen to use. */
  readonly reproducible?: { readonly saw: readonly SightingRecord[] };
  /** The run that this one was made to repeat. */
  readonly reproduces?: { readonly id: string };
}
