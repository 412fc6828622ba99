import { type ChildProcess, spawn } from 'node:child_process';
import { watch as watchFiles } from 'chokidar';
import { define } from '../experiment/define.ts';
import { reportError } from './errors.ts';

/** How long files have to be quiet before the next run, in ms. */
const QUIET = 100;

/**
 * Runs an experiment in debug mode, in a process of its own, and again whenever the module or a file that it imports
 * changes. A run that still goes on is ended first. Ends with Ctrl-C.
 */
export async function watch(path: string, words: readonly string[], cwd: string): Promise<void> {
  const forwarded = words.filter((word) => word !== '--watch');
  const watcher = watchFiles([path], { ignoreInitial: true });
  let child: ChildProcess | undefined;
  let timer: NodeJS.Timeout | undefined;
  let ending = false;

  const start = (): void => {
    try {
      const files = [...define(path, cwd).closure.keys()];
      watcher.add(files);
    } catch (error) {
      reportError(error);
      process.stdout.write('comex: waiting for a change…\n');
      return;
    }
    child = spawn(process.execPath, [...process.execArgv, process.argv[1]!, 'run', ...forwarded, '--__DEBUG__=true'], {
      stdio: 'inherit',
    });
    child.on('exit', () => {
      child = undefined;
      if (!ending) process.stdout.write('comex: waiting for a change…\n');
    });
  };
  const again = async (): Promise<void> => {
    await stop(child);
    if (!ending) start();
  };
  watcher.on('all', () => {
    clearTimeout(timer);
    timer = setTimeout(() => void again(), QUIET);
  });
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.once(signal, () => {
        ending = true;
        resolve();
      });
    }
    start();
  });
  clearTimeout(timer);
  await watcher.close();
  await stop(child);
}

/** Ends a run by SIGTERM, and hard when it does not follow. */
async function stop(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  await new Promise<void>((resolve) => {
    const force = setTimeout(() => child.kill('SIGKILL'), 15_000);
    child.once('exit', () => {
      clearTimeout(force);
      resolve();
    });
    child.kill('SIGTERM');
  });
}
