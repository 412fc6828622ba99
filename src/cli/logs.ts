import { readMeta } from '../archive/read-meta.ts';
import { selectRun } from '../archive/select.ts';
import { ComexError } from '../errors.ts';
import { followLog } from '../manage/follow.ts';
import { type LookOptions, type LookScope, lookScope } from './look-scope.ts';
import { harmless, harmlessJson, paint } from './screen.ts';

export interface LogsOptions {
  readonly follow?: boolean | undefined;
  /** How many lines at the end; all of them when left out. */
  readonly lines?: number | undefined;
}

const STAMP = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d\.\d{3})(?: |$)/;

export async function logsCommand(selector: string, given: LookOptions & LogsOptions): Promise<number> {
  const stop = new AbortController();
  let status = 0;
  const interrupt = (): void => {
    status = 130;
    stop.abort();
  };
  if (given.follow === true) process.once('SIGINT', interrupt);
  // Whoever read went away: standard output is never destroyed, so nothing else tells.
  process.stdout.once('error', () => stop.abort());
  const { follow, lines } = given;
  const write = async (text: string): Promise<boolean> => (await writeToStdout(text)) && !stop.signal.aborted;
  await logs(selector, { ...lookScope(given), follow, lines, write, signal: stop.signal });
  process.removeListener('SIGINT', interrupt);
  return status;
}

/**
 * `comex logs RUN`: the log of all attempts, and with `follow` what comes until the run has ended.
 *
 * @param options `write` takes text when there is room for it, and says whether there is still a reader
 * @throws ComexError `E_RUN_NOT_FOUND`, `E_RUN_AMBIGUOUS`, `E_STORAGE`, `E_USAGE`
 */
export async function logs(
  selector: string,
  options: LookScope & LogsOptions & { readonly write: (text: string) => Promise<boolean>; signal?: AbortSignal },
): Promise<void> {
  const { results, cwd, err, write, lines: last, signal } = options;
  if (last !== undefined && !(Number.isSafeInteger(last) && last >= 0)) {
    throw new ComexError('E_USAGE', 'Expected -n to be a whole number of lines, such as -n 20.');
  }
  const folder = selectRun(selector, { results, cwd });
  const { id } = readMeta(folder);
  const line = lineWriter(options);
  const follow = options.follow === true;
  let status = 'running';
  let isEmpty = true;
  for await (const event of followLog(folder, { last, follow, ...(signal === undefined ? {} : { signal }) })) {
    if (event.kind === 'lines') {
      isEmpty = false;
      if (!(await write(event.lines.map(line).join('')))) return;
    } else if (event.kind === 'gone') {
      return err(`comex: The folder of the run ${id} is gone.\n`);
    } else {
      status = event.status;
      if (follow && (status === 'killed' || status === 'stalled' || status === 'lost')) {
        err(`comex: The run ${id} is ${harmless(status)}: ${harmless(event.evidence)}.\n`);
      }
    }
  }
  if (isEmpty && last !== 0 && signal?.aborted !== true) err(`comex: The run ${id} has logged nothing.\n`);
}

/** As it is for programs, harmless for terminals, or a line of JSON. */
function lineWriter({ json, tty, screen }: LookScope): (line: string) => string {
  const { dim } = paint(screen);
  const visible = (text: string): string => text.split('\t').map(harmless).join('\t');
  return (line) => {
    const stamp = STAMP.exec(line);
    const text = stamp === null ? line : line.slice(stamp[0].length);
    if (json) {
      const time = stamp === null ? null : `${stamp[1]}T${stamp[2]}`;
      return `${harmlessJson(JSON.stringify({ time, text }))}\n`;
    }
    if (!tty) return `${line}\n`;
    return stamp === null ? `${visible(text)}\n` : `${dim(stamp[0])}${visible(text)}\n`;
  };
}

/** Waits while what was written has not been taken yet, so that no more than a piece of a log is held. */
async function writeToStdout(text: string): Promise<boolean> {
  const { stdout } = process;
  if (stdout.destroyed) return false;
  if (stdout.write(text)) await new Promise((resolve) => setImmediate(resolve));
  else await taken(stdout);
  return !stdout.destroyed;
}

/** When there is room again, or nobody who reads. */
async function taken(stream: NodeJS.WriteStream): Promise<void> {
  const events = ['drain', 'close', 'error'];
  await new Promise<void>((resolve) => {
    const done = (): void => {
      for (const event of events) stream.removeListener(event, done);
      resolve();
    };
    for (const event of events) stream.once(event, done);
  });
}
