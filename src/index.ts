export type { LoadedRun } from './archive/load.ts';
export { loadRun } from './archive/load.ts';
export type { Series, SeriesPoint } from './archive/series.ts';
export type { ChartConfiguration } from './chart/configuration.ts';
export { ComexError, type ErrorCode } from './errors.ts';
export { runIfMain } from './executor/direct.ts';
export { type RunExperimentOptions, runExperiment } from './executor/inline.ts';
export { type OpenRunOptions, openRun } from './executor/open.ts';
export {
  append,
  type HookPoint,
  hookPoint,
  inherit,
  prepend,
  replace,
} from './experiment/extend.ts';
export { type AnalysisOutcome, type AnalyzeRunOptions, analyzeRun } from './manage/analyze.ts';
export type { ChildRun, ChildRunOptions, ResultOf } from './run/child-types.ts';
export type {
  AnyParameters,
  ExecOptions,
  ExecResult,
  Experiment,
  ExperimentMethods,
  ProgressOptions,
  Random,
  SpecialParameters,
  Step,
  Trackable,
} from './run/experiment.ts';
export { type Extension, extend } from './run/extend.ts';
export type { HarvestRule, HarvestRules } from './run/harvest/rules.ts';
export type { Hooks, HooksOf, RunOutcome } from './run/hook-types.ts';
export type { CloseOptions, OpenRun } from './run/opened-types.ts';
export type { ParametersOf } from './run/parameter-types.ts';
export {
  definePlugin,
  type Plugin,
  type PluginArtifact,
  type PluginFactory,
  type PluginOutcome,
  type PluginPoint,
  type PluginProject,
  type PluginRun,
} from './run/plugin.ts';
