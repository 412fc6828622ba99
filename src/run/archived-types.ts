/** Whose code is evaluated for a run that is over: its own, from its snapshot, or that of the project as it is now. */
export type CodeChoice = 'snapshot' | 'today';

/** How one analysis of a run ended. */
export interface AnalysisOutcome {
  /** `analysis`, or its key in `analyses`. */
  readonly name: string;
  readonly ok: boolean;
  /** What it threw. */
  readonly error?: unknown;
}
