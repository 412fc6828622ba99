import type { Attempt } from './attempt.ts';
import type { Children } from './children.ts';
import { leave, type RunContext } from './context.ts';
import type { Endings } from './ending.ts';
import { pluginOutcome } from './plugin-facts.ts';
import type { PluginHost } from './plugins.ts';
import type { Programs } from './programs.ts';
import { type End, overruled, type Session } from './session.ts';

/** What the exit of the process finds of a run. */
export interface AtExit {
  readonly attempt: Attempt;
  readonly context: RunContext;
  readonly programs: Programs;
  readonly endings: Endings;
  readonly session: Session;
  readonly plugins: PluginHost | undefined;
  readonly children: Children;
}

/** The process exits while the run goes on: code of the run called `process.exit`. Says how the run ended by that. */
export function concludeAtExit(parts: AtExit, code: number): End | undefined {
  const { attempt, context, programs, endings, session, plugins, children } = parts;
  programs.kill();
  const error = Object.assign(new Error(`The process was ended by process.exit(${code}) inside the run.`), {
    code: 'E_EXIT',
  });
  // Who exits while a child runs has not come to its own end, whatever the code.
  const exited: End =
    code === 0 && children.running === 0 ? { status: 'done', error: undefined } : { status: 'failed', error };
  const ends = !attempt.concluded;
  const end = overruled(exited, endings.ending);
  const hooked = ends ? session.hooks.afterNow(session.e, end) : end;
  const ended = { ...hooked, ...attempt.conclude(hooked.status, hooked) };
  if (ends) plugins?.closeNow(pluginOutcome(attempt, ended));
  attempt.close();
  leave(context);
  if (!ends) return undefined;
  if (ended.status === 'failed' && code === 0) process.exitCode = 1;
  return ended;
}

/** A second signal came before the run had ended after the first. */
export function concludeAtSignal({ attempt, context, programs, plugins }: AtExit, signal: NodeJS.Signals): void {
  programs.kill();
  const error = Object.assign(new Error(`The run was interrupted twice, by ${signal}.`), { code: 'E_INTERRUPTED' });
  const ended = attempt.conclude('interrupted', { error });
  plugins?.closeNow(pluginOutcome(attempt, { ...ended, error }));
  attempt.close();
  leave(context);
}
