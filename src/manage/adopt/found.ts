import type { ErrorRecord, WrittenStatus } from '../../archive/layout.ts';

/** A parameter of a run that another program made. */
export interface FoundParameter {
  /** Absent where the program did not keep it. */
  readonly value?: unknown;
  readonly type?: string;
  readonly doc?: string;
}

/** One point of a series; a picture is a file that is still to be copied. */
export interface FoundPoint {
  readonly step: number;
  readonly value: number | string | { readonly picture: string };
  readonly axes?: Readonly<Record<string, number>>;
}

/** A file that is to be copied. */
export interface FoundFile {
  /** Absolute path of the original. */
  readonly source: string;
  /** In the run folder, with forward slashes. */
  readonly path: string;
}

/** What was understood of a folder of results, before anything is written. */
export interface FoundRun {
  /** Absolute path of the folder. */
  readonly folder: string;
  readonly format: 'pycomex' | 'map';
  /** SHA-256 of what tells this run from every other one. */
  readonly hash: string;
  /** SHA-256 of what stays the same when results of the run are changed. Only where there is such a thing. */
  readonly origin?: string;
  /** With forward slashes. */
  readonly namespace: string;
  readonly startedAt: Date;
  readonly endedAt?: Date | undefined;
  readonly durationMs?: number | undefined;
  readonly status: WrittenStatus;
  /** Of one that is `running` and will never write its end: how that is known. */
  readonly evidence?: string | undefined;
  readonly error?: ErrorRecord | undefined;
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  readonly tags: readonly string[];
  readonly debug: boolean;
  readonly testing: boolean;
  readonly hooks: Readonly<Record<string, { readonly doc?: string }>>;
  readonly parameters: ReadonlyMap<string, FoundParameter>;
  readonly data: Readonly<Record<string, unknown>>;
  readonly series: ReadonlyMap<string, readonly FoundPoint[]>;
  readonly log?: FoundLog | undefined;
  /** Below `code/` of the run folder. */
  readonly code: readonly FoundFile[];
  readonly artifacts: readonly FoundFile[];
  /** What the original's metadata say beside that. */
  readonly more: Readonly<Record<string, unknown>>;
  readonly report: Report;
}

/** The log of a run. */
export interface FoundLog {
  readonly source: string;
  /** Milliseconds since the epoch of its last line. */
  readonly lastMs: number;
}

/** A folder of which no run can be made. */
export interface Refused {
  readonly folder: string;
  readonly reason: string;
}

/** What has to be said of one folder. */
export class Report {
  /** What was done in another way than one might think; nothing is lost. */
  readonly remarks: string[] = [];
  /** What was left out because it is damaged, missing or refused by the system. */
  readonly problems: string[] = [];
}
