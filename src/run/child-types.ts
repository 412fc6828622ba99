import type { ErrorRecord, WrittenStatus } from '../archive/layout.ts';
import type { LoadedRun } from '../archive/load.ts';
import type { Inheriting } from './extend.ts';
import type { GivenParameters } from './parameter-types.ts';

/** What the main function of a module gives: that of its parent when it has none of its own. */
export type ResultOf<M> = M extends { readonly default: infer Main }
  ? M extends Inheriting<{ readonly result: infer Result }>
    ? Result
    : Main extends (...args: never[]) => infer Result
      ? Awaited<Result>
      : unknown
  : unknown;

/** How `e.run` runs another experiment. */
export interface ChildRunOptions<M = unknown> {
  /** Values by name, or by dotted path of a field: `{ EPOCHS: 3, 'MODEL.hidden': 64 }`. */
  readonly parameters?: GivenParameters<M>;
  readonly tags?: readonly string[];
  readonly note?: string;
  /** Throw the child's error, instead of telling it in the outcome. Default false. */
  readonly throw?: boolean;
  /** Time limit in ms. Default none. */
  readonly timeoutMs?: number;
}

/** A run that `e.run` made, after its end. */
export interface ChildRun<Result = unknown> {
  /** 8 letters and digits. */
  readonly id: string;
  /** Absolute path of its folder, below `runs/` of the parent's. */
  readonly path: string;
  readonly status: WrittenStatus;
  /** What its main function returned; undefined when it did not end well. */
  readonly result: Result | undefined;
  /** What ended it, when it did not end well. */
  readonly error?: ErrorRecord;
  readonly durationMs: number;
  /** Reads its folder: series, data, tables. */
  run(): LoadedRun;
}
