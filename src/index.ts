export type { LoadedRun } from './archive/load.ts';
export { loadRun } from './archive/load.ts';
export type { Series, SeriesPoint } from './archive/series.ts';
export type { ChartConfiguration } from './chart/configuration.ts';
export { ComexError, type ErrorCode } from './errors.ts';
export { runIfMain } from './executor/direct.ts';
export { type RunExperimentOptions, runExperiment } from './executor/inline.ts';
export type {
  AnyParameters,
  ExecOptions,
  ExecResult,
  Experiment,
  ExperimentMethods,
  ParametersOf,
  ProgressOptions,
  Random,
  SpecialParameters,
  Step,
  Trackable,
} from './run/experiment.ts';
