import type { RunTree } from '../../archive/children.ts';
import { replayData } from '../../archive/data.ts';
import type { ErrorRecord, RunMeta } from '../../archive/layout.ts';
import type { LoadedRun } from '../../archive/load.ts';
import { compareFile } from './compare-files.ts';
import { compareParameters } from './compare-parameters.ts';
import { compareSeries, type Two } from './compare-series.ts';
import { compareTable } from './compare-tables.ts';
import { compareValues, type ValueScope } from './compare-values.ts';
import type { Ignored } from './ignored.ts';
import { type Pair, Translator } from './places.ts';
import type { Compared, Finding } from './types.ts';

/** Plugins make them beside the run. */
const PLUGIN_FOLDER = 'tensorboard/';

/** Who harvests from runs that are over. */
const LATER = 'comex harvest';

/** What came of a comparison. */
export interface Comparison {
  readonly findings: readonly Finding[];
  readonly compared: Compared;
}

/** How two trees of runs are compared. */
export interface CompareOptions {
  readonly ignored: Ignored;
  /** Where the reproduction has been made: what a path of the run is in it. */
  readonly places: readonly Pair[];
  readonly base: string;
  /** Whether plugins of the run were not called. */
  readonly plugins: boolean;
  /** Parameters of the run itself that were given anew, with the fields. */
  readonly given: ReadonlySet<string>;
}

/** Compares a run and the runs inside of it with their reproduction: how they ended, and everything that they kept. */
export function compareTrees(original: RunTree, reproduction: RunTree, options: CompareOptions): Comparison {
  const pairs = matched(original, reproduction);
  const ids = pairs.flatMap(({ before, after }): Pair[] =>
    before === undefined || after === undefined
      ? []
      : [
          [before.run.path, after.run.path],
          [before.run.name, after.run.name],
          [before.run.id, after.run.id],
        ],
  );
  const translator = new Translator([...ids, ...options.places], options.base);
  const findings: Finding[] = [];
  const compared: Compared = { data: 0, series: 0, points: 0, tables: 0, rows: 0, artifacts: 0, runs: 0, ignored: [] };
  for (const { before, after, label } of pairs) {
    const run = label === '' ? {} : { run: label };
    compared.runs += 1;
    if (before !== undefined && after !== undefined) {
      const found = (finding: Finding): void => void findings.push({ ...finding, ...run });
      const isOuter = label === '';
      compareRuns(
        { original: before.run, reproduction: after.run },
        { ...options, translator, compared, found, isOuter },
      );
    } else {
      const note = before === undefined ? 'only in the reproduction' : 'only in the original';
      findings.push({ part: 'runs', name: label, note });
    }
  }
  return { findings, compared };
}

interface PairOfTrees {
  readonly before: RunTree | undefined;
  readonly after: RunTree | undefined;
  /** Empty for the runs themselves. */
  readonly label: string;
}

/** Each run with its counterpart: the seed of a run inside of another is drawn by the order of the calls. */
function matched(before: RunTree, after: RunTree, label = ''): PairOfTrees[] {
  const pairs: PairOfTrees[] = [{ before, after, label }];
  const left = [...after.children];
  const counts = new Map<string, number>();
  const labelOf = ({ run }: RunTree): string => {
    const number = (counts.get(run.namespace) ?? 0) + 1;
    counts.set(run.namespace, number);
    return `${label === '' ? '' : `${label} > `}${run.namespace} ${number}`;
  };
  for (const child of before.children) {
    const own = labelOf(child);
    const same = (other: RunTree): boolean => other.run.namespace === child.run.namespace;
    const exact = left.findIndex((other) => same(other) && other.run.meta.seed?.value === child.run.meta.seed?.value);
    const index = exact >= 0 ? exact : left.findIndex(same);
    const [other] = index < 0 ? [] : left.splice(index, 1);
    pairs.push(
      ...(other === undefined ? [{ before: child, after: undefined, label: own }] : matched(child, other, own)),
    );
  }
  for (const child of left) pairs.push({ before: undefined, after: child, label: labelOf(child) });
  return pairs;
}

interface RunScope extends CompareOptions {
  readonly translator: Translator;
  readonly compared: Compared;
  readonly found: (finding: Finding) => void;
  /** Whether these are the runs themselves, and no runs inside of them. */
  readonly isOuter: boolean;
}

function compareRuns(runs: Two, scope: RunScope): void {
  const { original, reproduction } = runs;
  const { translator, compared, found } = scope;
  const ignored = (name: string): boolean => {
    const isIgnored = scope.ignored.has(name);
    if (isIgnored) compared.ignored.push(name);
    return isIgnored;
  };
  const values = (part: Finding['part']): ValueScope => ({ part, translator, ignored, found });
  const [then, now] = [original.original, reproduction.original];
  compareParameters(then, now, scope.isOuter ? scope.given : new Set(), values('parameters'));
  compareEnds(original, reproduction, values('end'));
  const resultOf = ({ result }: RunMeta) => (result === undefined ? {} : { result });
  compareValues('', resultOf(then), resultOf(now), values('result'));
  compared.data += compareValues(
    '',
    replayData(original.path).tree.toValue(),
    replayData(reproduction.path).tree.toValue(),
    values('data'),
  );
  compareHarvested(runs, values('data'));
  for (const name of union(original.seriesNames, reproduction.seriesNames)) {
    if (ignored(name)) continue;
    compared.series += 1;
    compared.points += original.series(name)?.count ?? 0;
    const finding = compareSeries(name, runs, translator);
    if (finding !== undefined) found(finding);
  }
  for (const name of union(original.tableNames, reproduction.tableNames)) {
    if (ignored(name)) continue;
    compared.tables += 1;
    compared.rows += compareTable(name, runs, values('tables'));
  }
  compareArtifacts(runs, ignored, scope);
  compareInputs(then, now, values('inputs'));
  const hashes = ({ references }: RunMeta) =>
    Object.fromEntries((references ?? []).map(({ name, sha256 }) => [name, sha256]));
  compareValues('', hashes(then), hashes(now), values('references'));
}

function compareEnds(original: LoadedRun, reproduction: LoadedRun, scope: ValueScope): void {
  const end = (run: LoadedRun): Record<string, unknown> => {
    const error: ErrorRecord | undefined = run.original.error;
    const told = error === undefined ? {} : { error: `${error.name}: ${error.message}` };
    return { status: run.status, ...told };
  };
  compareValues('', end(original), end(reproduction), { ...scope, ignored: () => false });
}

/** What was harvested when the runs ended; later harvests of other values are none of the run's. */
function compareHarvested({ original, reproduction }: Two, scope: ValueScope): void {
  const own = Object.entries(original.harvested).filter(
    ([path, { by }]) => by !== LATER || path in reproduction.harvested,
  );
  const valuesOf = (entries: ReadonlyArray<readonly [string, { readonly value: unknown }]>) =>
    Object.fromEntries(entries.map(([path, { value }]) => [path, value]));
  compareValues('', valuesOf(own), valuesOf(Object.entries(reproduction.harvested)), scope);
}

/** Files that came after the end of the original, by an analysis or by hand, are none of the run's. */
function compareArtifacts(runs: Two, ignored: (name: string) => boolean, scope: RunScope): void {
  const { original, reproduction } = runs;
  const own = original.original.artifacts?.map(({ path }) => path);
  const isPlugins = (path: string): boolean => scope.plugins && path.startsWith(PLUGIN_FOLDER);
  const then = original.artifacts.map(({ path }) => path).filter((path) => own === undefined || own.includes(path));
  const now = reproduction.artifacts.map(({ path }) => path);
  for (const path of union(own ?? then, now)) {
    if (isPlugins(path) || ignored(path)) continue;
    scope.compared.artifacts += 1;
    const isThere = [then.includes(path), now.includes(path)];
    const finding = isThere.every(Boolean) ? compareFile(path, runs, scope.translator) : undefined;
    if (finding !== undefined) scope.found(finding);
    const lost = own?.includes(path) === true ? 'it is gone from the run folder' : 'only in the reproduction';
    if (!isThere[0]) scope.found({ part: 'artifacts', name: path, note: lost });
    else if (!isThere[1]) scope.found({ part: 'artifacts', name: path, note: 'only in the original' });
  }
}

/** What was read, by hash: what no input was at its place is told here. */
function compareInputs(then: RunMeta, now: RunMeta, scope: ValueScope): void {
  const hashes = ({ inputs }: RunMeta, shown: (path: string) => string) =>
    Object.fromEntries(inputs.map(({ path, sha256 }) => [shown(path), sha256]));
  const text = (path: string): string => scope.translator.text(path);
  const [before, after] = [hashes(then, text), hashes(now, (path) => scope.translator.bare(path))];
  for (const path of union(Object.keys(before), Object.keys(after))) {
    if (before[path] === after[path] || scope.ignored(path)) continue;
    const side = (key: 'original' | 'reproduction', hash: string | undefined) =>
      hash === undefined ? {} : { [key]: `sha256 ${hash.slice(0, 12)}` };
    const note =
      before[path] === undefined
        ? 'only read by the reproduction'
        : after[path] === undefined
          ? 'only read by the original'
          : undefined;
    scope.found({
      part: 'inputs',
      name: path,
      ...side('original', before[path]),
      ...side('reproduction', after[path]),
      ...(note === undefined ? {} : { note }),
    });
  }
}

function union(a: readonly string[], b: readonly string[]): string[] {
  return [...new Set([...a, ...b])];
}
