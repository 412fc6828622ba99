/** The names and schemas of everything in a run folder. Nothing else in comex spells a file name of it. */

import type { ErrorRecord, HarvestSource } from './meta-records.ts';

export type * from './meta-records.ts';

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

/** The statuses of a run that is over, as it wrote them. */
export const END_STATUSES = ['done', 'failed', 'interrupted', 'timeout', 'preempted', 'cancelled', 'pruned'] as const;

/** A status that a run itself wrote. */
export type WrittenStatus = 'queued' | 'running' | (typeof END_STATUSES)[number];

/** A status that a reader gives: what was written, or what the evidence says instead of `running`. */
export type Status = WrittenStatus | 'killed' | 'stalled' | 'lost';

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
  /** Since when (ISO 8601, UTC) nothing is written here: of a copy that was made while the process went on elsewhere. */
  readonly copied?: string;
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
  /** Values by the path of the datum, and where each was read; `remove` takes those of before away again. */
  | {
      readonly kind: 'harvest';
      readonly values: Readonly<Record<string, unknown>>;
      readonly source: Readonly<Record<string, HarvestSource>>;
      readonly remove?: readonly string[];
    }
);
