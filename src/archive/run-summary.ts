import type { ErrorRecord, GitRecord, SeriesSummary, Status } from './layout.ts';

/**
 * What listing, selecting and sorting need of a run, cheap to hold for very many of them. It looks like plain data; what
 * is not needed of it is not read.
 */
export interface RunSummary {
  readonly id: string;
  /** Absolute path of the run folder. */
  readonly path: string;
  /** With forward slashes, such as `vision/digits`. */
  readonly namespace: string;
  /** Name of the run folder when the run began. */
  readonly name: string;
  /** A name that people gave it later. */
  readonly title: string | undefined;
  readonly module: string;
  /** Whether it stands inside of another run's folder. */
  readonly child: boolean;
  /** Id of the run that it is a child of. */
  readonly parent: string | undefined;
  /** What the run wrote last, or `killed` or `stalled` where it can write no more. */
  readonly status: Status;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  /** Milliseconds since the epoch. */
  readonly startedMs: number;
  readonly endedAt: string | undefined;
  /** Up to now while it runs, up to the last sign of life when it was killed. Undefined while it is queued. */
  readonly durationMs: number | undefined;
  readonly tags: readonly string[];
  readonly note: string | undefined;
  readonly description: string | undefined;
  /** The values in force that are known, by name, without secrets. Has no prototype. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Names of all parameters, in the order of the metadata, with secrets and those that are not known. */
  readonly parameterNames: readonly string[];
  /** Names of the parameters that are secrets. */
  readonly secrets: readonly string[];
  /** What the main function returned; undefined when it has not, or nothing. */
  readonly result: unknown;
  /** By name. Has no prototype. */
  readonly series: Readonly<Record<string, SeriesSummary>>;
  readonly seriesNames: readonly string[];
  readonly git: Pick<GitRecord, 'commit' | 'branch' | 'dirty'> | undefined;
  /** The message is its first line. */
  readonly error: Pick<ErrorRecord, 'name' | 'message' | 'code'> | undefined;
  readonly seed: number | string | undefined;
  readonly uid: string;
  readonly debug: boolean;
  readonly testing: boolean;
  /** Jobs of a cluster that worked on it. */
  readonly jobs: readonly string[];
  /** Values that were taken later from files of other programs. Has no prototype. */
  readonly harvested: Readonly<Record<string, unknown>>;
  /** Numbers, texts of up to 200 characters and booleans of the data by path, with what was harvested. Has no prototype. */
  readonly data: Readonly<Record<string, unknown>>;
  readonly dataPaths: readonly string[];
  /** The value of one parameter, without reading the others; undefined for a secret and what is not known. */
  parameter(name: string): unknown;
  /** The summary of one series, without reading the others. */
  seriesSummary(name: string): SeriesSummary | undefined;
  /** One of `data`, without reading the others. */
  datum(path: string): unknown;
}
