import { encodePretty } from '../codec/json.ts';
import { findProject, resultsFolder } from '../experiment/project.ts';
import { type ListedExperiment, listExperiments } from '../manage/experiments.ts';
import { defaultOf } from './known-parameters.ts';
import { agoText } from './quantity.ts';
import { harmless, harmlessJson, paint, type Screen, screenOf } from './screen.ts';
import { renderTable, renderTsv, type TableColumn } from './table.ts';

/** `comex experiments`: what there is to run. Returns the exit status. */
export async function experimentsCommand(given: { readonly results?: string | undefined; readonly json: boolean }) {
  const cwd = process.cwd();
  const project = findProject(cwd, cwd);
  const results = resultsFolder(project, given.results, cwd);
  const err = (text: string): void => void process.stderr.write(`comex: ${harmless(text)}\n`);
  const experiments = await listExperiments({ root: project.root, results, cwd, err });
  const out = (text: string): void => void process.stdout.write(text);
  if (given.json) out(`${harmlessJson(encodePretty(experiments.map(record), 'the experiments'))}\n`);
  else if (experiments.length === 0) err('No experiments in experiments/ yet. Make one with "comex new NAME".');
  else if (process.stdout.isTTY === true) out(experimentsTable(experiments, screenOf(process.stdout), Date.now()));
  else out(experimentsTsv(experiments));
  return 0;
}

/** The table for people; the most recent outcome of each with its age. */
export function experimentsTable(experiments: readonly ListedExperiment[], screen: Screen, now: number): string {
  const styles = paint(screen);
  const broken = new Set(experiments.flatMap(({ problem }) => problem ?? []));
  const columns: TableColumn[] = [
    { head: 'experiment', shrink: true, min: 16, style: styles.bold },
    { head: 'parameters', align: 'right' },
    { head: 'runs', align: 'right' },
    { head: 'last run', style: (cell, text) => (text === 'never' ? styles.dim(cell) : cell) },
    {
      head: 'description',
      shrink: true,
      min: 10,
      style: (cell, text) => (broken.has(text) ? styles.red(cell) : cell),
    },
  ];
  const rows = experiments.map(({ name, parameters, runs, last, description, problem }) => [
    name,
    problem === undefined ? String(parameters.length) : '',
    String(runs),
    last === undefined ? 'never' : `${last.status} ${agoText(new Date(last.startedAt), now)}`,
    problem ?? firstSentence(description),
  ]);
  return renderTable(columns, rows, screen);
}

/** Tab-separated values for programs. */
export function experimentsTsv(experiments: readonly ListedExperiment[]): string {
  const heads = ['experiment', 'parameters', 'runs', 'status', 'started', 'description', 'problem'];
  const rows = experiments.map(({ name, parameters, runs, last, description, problem }) => [
    name,
    String(parameters.length),
    String(runs),
    last?.status ?? '',
    last?.startedAt ?? '',
    firstSentence(description),
    problem ?? '',
  ]);
  return renderTsv(
    heads.map((head) => ({ head })),
    rows,
  );
}

/** What `--json` says of an experiment. */
function record({ name, file, kind, namespace, description, tags, parameters, runs, last, problem }: ListedExperiment) {
  return {
    name,
    file,
    kind,
    namespace,
    description: description ?? null,
    tags,
    parameters: Object.fromEntries(
      parameters.map((parameter) => [
        parameter.name,
        { type: parameter.typeText, default: defaultOf(parameter) ?? null, doc: parameter.doc ?? null },
      ]),
    ),
    runs,
    last: last ?? null,
    problem: problem ?? null,
  };
}

function firstSentence(text: string | undefined): string {
  const [paragraph = ''] = (text ?? '').split(/\n\s*\n/);
  const flat = paragraph.replace(/\s+/g, ' ').trim();
  return /^.*?[.!?](?= \P{Ll}|$)/u.exec(flat)?.[0] ?? flat;
}
