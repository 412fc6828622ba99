/** Reading run folders back: `import { loadRun } from 'comex/archive'`. Nothing of a run is executed by it. */

export { type RunTree, readTree } from './children.ts';
export type {
  ArtifactRecord,
  ErrorRecord,
  GitRecord,
  HarvestedValue,
  HarvestSource,
  InputRecord,
  ParameterRecord,
  ParameterSource,
  ReferenceRecord,
  ResourceRecord,
  RunMeta,
  SeriesSummary,
  SnapshotRecord,
  Status,
  WrittenStatus,
} from './layout.ts';
export { type LoadedRun, loadRun } from './load.ts';
export { type ScannedRuns, scanRuns } from './scan.ts';
export { selectRun } from './select.ts';
export { type Series, type SeriesPoint, scanSeries } from './series.ts';
export {
  type SelectedSummaries,
  type SummaryFilter,
  selectSummaries,
} from './summaries.ts';
export type { RunSummary } from './summary.ts';
export { scanTable } from './tables.ts';
export type { WalkOptions } from './walk.ts';
