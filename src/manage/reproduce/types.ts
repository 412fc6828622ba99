/** What is not as it was when the run was made, told before it is run again. */
export interface Difference {
  readonly part: 'code' | 'parameters' | 'inputs' | 'packages' | 'machine' | 'environment' | 'git';
  readonly name: string;
  /** What the run recorded; absent when it had none. */
  readonly recorded?: string;
  /** What there is now; absent when there is none. */
  readonly now?: string;
  /** What that means for the reproduction. */
  readonly note?: string;
}

/** Something in which the reproduction is not the run. */
export interface Finding {
  readonly part:
    | 'parameters'
    | 'end'
    | 'result'
    | 'data'
    | 'series'
    | 'tables'
    | 'artifacts'
    | 'inputs'
    | 'references'
    | 'runs';
  /** The path of the datum, the name of the series, `table/column`, the path of the file. */
  readonly name: string;
  /** The run inside of the run that it belongs to: its experiment, and its number where there are several. */
  readonly run?: string;
  /** The values, where they are single ones. */
  readonly original?: unknown;
  readonly reproduction?: unknown;
  /** How many differ, of how many: `points`, `items`, `rows`. */
  readonly differing?: number;
  readonly of?: number;
  readonly unit?: 'point' | 'item' | 'row';
  /** Where the first is that differs: the step of a point, the index of an item, the number of a row from 1. */
  readonly first?: number | string;
  /** Largest difference of two numbers; relative to the original, where all that differ have one. */
  readonly maxAbsolute?: number;
  readonly maxRelative?: number;
  /** Of a file: bytes, and the first line that differs of a text. */
  readonly bytes?: readonly [original: number, reproduction: number];
  readonly line?: { readonly number: number; readonly original: string; readonly reproduction: string };
  /** Anything else, in words. */
  readonly note?: string;
}

/** How much was compared. */
export interface Compared {
  data: number;
  series: number;
  points: number;
  tables: number;
  rows: number;
  artifacts: number;
  runs: number;
  /** What `--ignore` left out. */
  readonly ignored: string[];
}
