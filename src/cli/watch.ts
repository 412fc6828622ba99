import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import { watch as watchFiles } from 'chokidar';
import { define } from '../experiment/define.ts';
import { reportError } from './errors.ts';

/** How long files have to be quiet before the next run, in ms. */
const QUIET = 100;

/**
 * Runs an experiment in debug mode, in a process of its own, and again whenever the module or a file that it imports
 * changes. A run that still goes on is ended first. Ends with Ctrl-C.
 */
export async function watch(
  path: string,
  words: readonly string[],
  cwd: string,
  include: readonly string[],
): Promise<void> {
  const forwarded = words.filter((word) => !/^--(no-)?watch(=|$)/.test(word));
  const watcher = watchFiles([path], { ignoreInitial: true });
  let child: ChildProcess | undefined;
  let timer: NodeJS.Timeout | undefined;
  let ending = false;

  const start = async (): Promise<void> => {
    try {
      const definition = await define(path, cwd, include);
      watcher.add([...definition.closure.keys()]);
    } catch (error) {
      reportError(error);
      process.stdout.write('comex: waiting for a change…\n');
      return;
    }
    const bin = fileURLToPath(new URL('./bin.js', import.meta.url));
    const command = [...process.execArgv, bin, 'run', ...forwarded, '--__DEBUG__=true'];
    child = spawn(process.execPath, command, { stdio: 'inherit' });
    child.on('exit', () => {
      child = undefined;
      if (!ending) process.stdout.write('comex: waiting for a change…\n');
    });
  };
  // One after the other: files may change while a run is still coming to its end.
  let turn = Promise.resolve();
  const again = async (): Promise<void> => {
    await stop(child);
    if (!ending) await start();
  };
  watcher.on('all', () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      turn = turn.then(again);
    }, QUIET);
  });
  const signal = await new Promise<NodeJS.Signals>((resolve) => {
    for (const each of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(each, resolve);
    turn = turn.then(start);
  });
  ending = true;
  clearTimeout(timer);
  await watcher.close();
  // Ctrl-C at a terminal reaches the run as well: a second signal would cut it short.
  await stop(child, signal === 'SIGINT' && process.stdin.isTTY);
  process.exitCode = 128 + constants.signals[signal];
}

/** Ends a run by SIGTERM, unless it is told already, and hard when it does not follow. */
async function stop(child: ChildProcess | undefined, isTold = false): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  await new Promise<void>((resolve) => {
    const force = setTimeout(() => child.kill('SIGKILL'), 15_000);
    child.once('exit', () => {
      clearTimeout(force);
      resolve();
    });
    if (!isTold) child.kill('SIGTERM');
  });
}
