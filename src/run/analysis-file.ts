import { join } from 'node:path';
import { ANALYSIS_FILE } from '../archive/layout.ts';
import { writeFileAtomic } from '../codec/atomic.ts';

/** Nothing in it is of one run or one machine: it works wherever the folder is copied to and `comex` can be found. */
const TEXT = `// Opens this run in code and calls the analyses of its experiment again: npx tsx analysis.ts
import { fileURLToPath } from 'node:url';
import { analyzeRun, loadRun } from 'comex';

const folder = fileURLToPath(new URL('.', import.meta.url));

const run = loadRun(folder);
console.log(run.namespace, run.id, run.status);
// console.log(run.parameters, run.data, run.artifacts);
// console.log(run.get('results/accuracy'));
// for (const [name, { steps, values }] of run.series()) console.log(name, steps.at(-1), values.at(-1));

// The code is that of the run; { code: 'today' } takes the project's, { only: ['name'] } some of the analyses.
analyzeRun(folder).then((analyses) => {
  for (const { name, ok, error } of analyses) console.log(name, ok ? 'done' : error);
  process.exitCode = analyses.every(({ ok }) => ok) ? 0 : 1;
});
`;

/** Writes the program that opens a run in code. @throws ComexError `E_STORAGE` */
export function writeAnalysisFile(folder: string): void {
  writeFileAtomic(join(folder, ANALYSIS_FILE), TEXT);
}
