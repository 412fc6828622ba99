import { loadRun } from '../archive/load.ts';
import { selectRun } from '../archive/select.ts';
import { encodePretty } from '../codec/json.ts';
import { findProject, resultsFolder } from '../experiment/project.ts';
import { codeChoice } from '../manage/analyze.ts';
import { analyse } from '../run/archived.ts';
import type { AnalysisOutcome } from '../run/archived-types.ts';
import { errorLog, recordError } from '../run/errors-record.ts';
import { onProcess } from '../run/process-events.ts';
import { harmlessLines } from './errors.ts';
import { harmless, harmlessJson, paint, screenOf } from './screen.ts';

interface AnalyzeCommandOptions {
  readonly results?: string | undefined;
  readonly json: boolean;
  readonly only?: string | readonly string[] | undefined;
  readonly code?: string | undefined;
}

/**
 * `comex analyze RUN`: calls the analyses of a run that is over. The exit status is 1 when one of them fails.
 *
 * @throws ComexError as `analyzeRun` does
 */
export async function analyzeCommand(selector: string, given: AnalyzeCommandOptions): Promise<void> {
  const cwd = process.cwd();
  const code = codeChoice(given.code);
  const results = resultsFolder(findProject(cwd, cwd), given.results, cwd);
  const run = loadRun(selectRun(selector, { results, cwd }));
  if (run.status === 'stalled') {
    process.stderr.write(`comex: The run may still go on: ${harmless(run.evidence)}.\n`);
  }
  const forget = onProcess('exit', () => {
    process.stderr.write('comex: The process ended before the analyses did. (E_EXIT)\n');
    process.exitCode = 1;
  });
  const outcomes = await analyse(run, {
    code,
    only: [given.only ?? []].flat(),
    cwd,
    show: given.json ? 'stderr' : 'stdout',
    ownsProcess: true,
  }).finally(forget);
  for (const outcome of outcomes) if (!outcome.ok) process.stderr.write(failure(outcome));
  const { id, path, namespace } = run;
  if (given.json) {
    const analyses = outcomes.map(({ name, ok, error }) => ({
      name,
      ok,
      ...(ok ? {} : { error: recordError(error) }),
    }));
    process.stdout.write(`${harmlessJson(encodePretty({ id, path, namespace, analyses }, `the run ${id}`))}\n`);
  } else process.stdout.write(summary(outcomes, namespace, id));
  process.exitCode = outcomes.every(({ ok }) => ok) ? 0 : 1;
  // What an analysis left running (a server, a timer) must not keep the process alive.
  for (const stream of [process.stdout, process.stderr]) {
    if (stream.writableLength > 0) await new Promise<void>((resolve) => stream.write('', () => resolve()));
  }
  process.exit();
}

function failure({ name, error }: AnalysisOutcome): string {
  return `comex: The analysis ${harmless(name)} failed: ${harmlessLines(errorLog(recordError(error)))}\n`;
}

function summary(outcomes: readonly AnalysisOutcome[], namespace: string, id: string): string {
  if (outcomes.length === 0) {
    return `The run ${harmless(id)} of ${harmless(namespace)} has no analyses. A module exports one as "export function analysis(e)", several as "analyses".\n`;
  }
  const { green, red } = paint(screenOf(process.stdout));
  const lines = outcomes.map(({ name, ok }) => `  ${ok ? green('done  ') : red('failed')}  ${harmless(name)}`);
  return `${harmless(namespace)}  ${harmless(id)}\n${lines.join('\n')}\n`;
}
