import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type LoadedRun, loadRun } from '../../src/archive/load.ts';
import { fileProblems, leftovers, lostAcks, partsOf, readingProblems, runFolders, sealingProblems } from './check.ts';
import { type Ack, type Ended, type Fault, Project } from './processes.ts';

/** The smallest PNG there is. */
const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
/** Every way to record something, and what is acknowledged when it has returned. */
const CALLS: ReadonlyArray<readonly [call: string, ack: Ack]> = [
  [`e.log('first')`, ['log', 'first']],
  [`e.track('mixed', 0.5)`, ['point', 'mixed', 0.5]],
  [
    `e.trackMany({ 'many/number': 1, 'many/text': 'one', 'mixed': 2 }, 7)`,
    ['points', { 'many/number': 1, 'many/text': 'one', mixed: 2 }],
  ],
  [`e['a/b'] = { x: [1, 2] }`, ['datum', 'a/b', { x: [1, 2] }]],
  [`e.record('cases', { n: 1 })`, ['row', 'cases', { n: 1 }]],
  [`e.A = 2`, ['log', 'A = 2 (set by the experiment']],
  [`await e.commitJson('artifact', { whole: true })`, ['file', 'artifact.json', { whole: true }]],
  [`e.track('picture', Buffer.from('${PNG}', 'base64'))`, ['point', 'picture', { $image: 'media/picture/0.png' }]],
  [`e.input('input.json')`, ['file', 'code/input.json', { input: 1 }]],
  [`await e.flush()`, ['flushed']],
  [`e['a/c'] = 'text'`, ['datum', 'a/c', 'text']],
  [`console.log('by the console')`, ['log', 'by the console']],
  [`e.track('mixed', 'text')`, ['point', 'mixed', 'text']],
  [`e.record('cases', { n: 2 })`, ['row', 'cases', { n: 2 }]],
  [`e.log('last')`, ['log', 'last']],
];
const OWN_ERROR = 'the error of the experiment itself';
const HEAD = `import { writeSync } from 'node:fs';
export const A = 1;
const ack = (...what: unknown[]): void => void writeSync(3, \`\${JSON.stringify(what)}\\n\`);
export default async function experiment(e: any) {
`;

/** Records in every way there is, and ends as soon as a call throws. */
const PLAIN = `${HEAD}${CALLS.map(([call, ack]) => `  ${call}; ack(...${JSON.stringify(ack)});`).join('\n')}
  return 5;
}`;

/** Goes on whatever throws, and ends with an error of its own. */
const CATCHING = `${HEAD}${CALLS.map(
  ([call, ack]) => `  try { ${call}; ack(...${JSON.stringify(ack)}); }
  catch (error: any) { ack('refused', ${JSON.stringify(call)}, error.code, error.message); }`,
).join('\n')}
  throw new RangeError('${OWN_ERROR}');
}`;

export type Variant = 'plain' | 'catching';

export const CODES = ['ENOSPC', 'EIO', 'EACCES', 'EMFILE', 'EROFS', 'EXDEV'] as const;
export const VARIANTS: readonly Variant[] = ['plain', 'catching'];

/** One process of a sweep. */
export interface Trial extends Fault {
  readonly variant: Variant;
}

/** Makes all trials, two at a time, and says what is wrong with what they leave. */
export async function sweep(
  trials: readonly Trial[],
  onTrial: (done: number) => void = () => {},
): Promise<readonly string[]> {
  const left = [...trials].reverse();
  const problems: string[] = [];
  const lane = async (): Promise<void> => {
    const projects = { plain: sweepProject('plain'), catching: sweepProject('catching') };
    try {
      for (let next = left.pop(); next !== undefined; next = left.pop()) {
        problems.push(...(await tryFault(projects[next.variant], next.variant, next)));
        onTrial(trials.length - left.length);
      }
    } finally {
      for (const project of Object.values(projects)) project.remove();
    }
  };
  await Promise.all([lane(), lane()]);
  return problems;
}

/** The calls that a run without a fault makes. */
export async function callsOf(variant: Variant): Promise<readonly string[]> {
  const project = sweepProject(variant);
  const { calls } = await runWith(project, { mode: 'none', at: 0 });
  project.remove();
  return calls;
}

/** Whether a call writes bytes, so that half of them can be written. */
export function isWriting(call: string): boolean {
  return /^(write|writeFile|appendFile|copyFile)Sync /.test(call);
}

/** The project of a sweep. */
function sweepProject(variant: Variant): Project {
  const files = { 'experiments/main.ts': variant === 'plain' ? PLAIN : CATCHING, 'input.json': '{ "input": 1 }' };
  return new Project(files);
}

function runWith(project: Project, fault: Fault): Promise<Ended> {
  project.clear();
  return project.startFaulty(['run', 'experiments/main.ts'], fault);
}

/** Runs with a fault, and says what is wrong with what is left. */
async function tryFault(project: Project, variant: Variant, fault: Fault): Promise<string[]> {
  const ended = await runWith(project, fault);
  const problems =
    fault.mode === 'error'
      ? errorProblems(project, variant, fault, ended)
      : killProblems(project, variant, fault, ended);
  problems.push(...(await readingProblems(project.results)));
  for (const folder of runFolders(project.results)) problems.push(...sealingProblems(folder));
  const at = ended.calls[ended.calls.indexOf('fault') - 1];
  const where = `${variant} ${fault.mode} ${fault.code ?? ''}${fault.lasting === true ? ' lasting' : ''} at ${fault.at}, ${at}`;
  return problems.map((problem) => `${where.replaceAll(project.root, '')}: ${problem.replaceAll(project.root, '')}`);
}

function onlyRun(project: Project): { readonly folder: string | undefined; readonly run: LoadedRun | undefined } {
  const [folder] = runFolders(project.results);
  const hasMeta = folder !== undefined && existsSync(join(folder, 'experiment_meta.json'));
  return { folder, run: hasMeta ? loadRun(folder) : undefined };
}

function killProblems(project: Project, variant: Variant, fault: Fault, ended: Ended): string[] {
  if (ended.signal !== 'SIGKILL') return [`the process was not killed: ${ended.code} ${ended.stderr}`];
  const problems = fileProblems(project.results, fault.mode === 'torn' ? 1 : 0);
  const { run } = onlyRun(project);
  if (run === undefined) return [...problems, ...ended.acks.map((ack) => `lost with the run: ${JSON.stringify(ack)}`)];
  const isOver = ended.acks.some(([, text]) => text === 'last');
  const own = variant === 'plain' ? 'done' : 'failed';
  if (run.status !== 'killed' && !(isOver && run.status === own)) problems.push(`its status is ${run.status}`);
  return [...problems, ...lostAcks(run, ended.acks)];
}

function errorProblems(project: Project, variant: Variant, fault: Fault, ended: Ended): string[] {
  const { code, signal, stderr, acks } = ended;
  const { folder, run } = onlyRun(project);
  const problems = fileProblems(project.results);
  if (signal !== null || (code !== 0 && code !== 1)) problems.push(`exit status ${code}, signal ${signal}`);
  if (/unexpected error|node:internal|Node\.js v\d/.test(stderr)) problems.push(`crashed: ${stderr}`);
  const begun = acks.length > 0;
  const call = ended.calls[fault.at - 1] ?? '';
  const goesOn = variant === 'plain' && fault.lasting !== true && /^writeSync .*experiment_log\.txt$/.test(call);
  if (goesOn && code !== 0) problems.push(`a log that cannot be written ended the run: ${stderr}`);
  if (goesOn && !stderr.includes('experiment_log.txt')) problems.push(`does not tell of the log: ${stderr}`);
  if (code === 1 && !begun && !named(stderr, project)) problems.push(`did not say why it did not start: ${stderr}`);
  if (fault.lasting !== true) {
    const cleaned = !/^(unlink|rm)Sync/.test(call);
    if (cleaned) problems.push(...leftovers(project.results).map((path) => `left ${path}`));
    if (!begun && folder !== undefined && run === undefined) problems.push('left a folder without metadata');
  }
  if (run === undefined) return [...problems, ...acks.map((ack) => `lost with the run: ${JSON.stringify(ack)}`)];
  const isLogTold = fault.lasting === true && stderr.includes('the log is kept in memory');
  const lost = lostAcks(run, isLogTold ? acks.filter(([kind]) => kind !== 'log') : acks);
  problems.push(...lost, ...statusProblems(run, fault, ended));
  problems.push(...(variant === 'plain' ? plainProblems(run, ended, project) : catchingProblems(run, ended, project)));
  return problems;
}

/** One failure that passes leaves room to say how the run ended; of one that lasts the attempt or nobody can tell. */
function statusProblems(run: LoadedRun, fault: Fault, { code }: Ended): string[] {
  if (code === 0) return run.status === 'done' ? [] : [`its status is ${run.status}, and the exit status 0`];
  if (run.status === 'failed' || run.status === 'done') return [];
  return fault.lasting === true && run.status === 'killed' ? [] : [`its status is ${run.status}`];
}

function plainProblems(run: LoadedRun, { code, stderr, acks }: Ended, project: Project): string[] {
  const problems: string[] = [];
  if (code === 0) {
    if (acks.length !== CALLS.length) problems.push('exit status 0, and not everything was done');
    if (run.result !== 5) problems.push(`the result is ${run.result}`);
    return problems;
  }
  if (!named(stderr, project)) problems.push(`stderr does not name the storage error: ${stderr}`);
  if (run.status === 'failed' && run.error !== undefined && run.error.code !== 'E_STORAGE') {
    problems.push(`its error is ${run.error.message}`);
  }
  return problems;
}

function catchingProblems(run: LoadedRun, { code, stderr, acks }: Ended, project: Project): string[] {
  if (acks.length === 0) return [];
  const problems: string[] = [];
  if (code !== 1 || !stderr.includes(OWN_ERROR)) problems.push(`does not show the experiment's error: ${stderr}`);
  if (run.error !== undefined && run.error.message !== OWN_ERROR) problems.push(`its error is ${run.error.message}`);
  const log = run.log();
  for (const ack of acks) {
    if (ack[0] !== 'refused') continue;
    const [, what, error, message] = ack;
    if (error !== 'E_STORAGE' || !message.includes(project.results)) problems.push(`${what} threw ${error} ${message}`);
    const call = CALLS.find(([each]) => each === what)!;
    const isThere = call[1][0] !== 'flushed' && partsOf(call[1]).some((part) => lostAcks(run, [part]).length === 0);
    if (isThere && call[1][0] !== 'log' && call[1][0] !== 'file') problems.push(`${what} threw, and it is there`);
    if (log.includes('last') && !log.includes('Storage: '))
      problems.push(`the log does not say what is missing: ${log}`);
  }
  return problems;
}

function named(stderr: string, project: Project): boolean {
  return stderr.includes('E_STORAGE') && stderr.includes(project.results);
}
