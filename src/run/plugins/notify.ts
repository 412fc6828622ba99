import { spawn } from 'node:child_process';
import { END_STATUSES } from '../../archive/layout.ts';
import { encode } from '../../codec/json.ts';
import type { Plugin, PluginOutcome, PluginProject, PluginRun } from '../plugin.ts';
import { REDACTED } from '../redact.ts';
import { checkOptions, refuseOptions } from './options.ts';

/** How long the webhook may take, in ms. */
const TIMEOUT = 10_000;
/** An environment entry has a limit, and a notification is no place for a long text. */
const LONGEST = 2000;

/**
 * Says that a run has ended, by a command and/or by a POST to a URL. Nothing else leaves the machine, and nothing at all
 * unless one of them is configured.
 *
 * - `command`: run by the shell in the project root, with `COMEX_ID`, `COMEX_STATUS`, `COMEX_NAMESPACE`,
 *   `COMEX_DURATION_MS`, `COMEX_PATH`, `COMEX_ERROR` and `COMEX_SUMMARY` in its environment
 * - `url`: takes the same facts as JSON; `${NAME}` and `${NAME:-default}` in it are taken from the environment, so that
 *   no token need be in the file. Empty means none. Only its host is ever logged, and redirects are not followed
 * - `on`: the statuses that are told. Default all
 * - `minSeconds`: shorter runs are not told. Default 0
 * - `children`: tell child runs, too. Default false
 * - `parameters`: names of those that the JSON holds. Default none; secrets never
 */
export function notify(given: Readonly<Record<string, unknown>>, project: PluginProject): Plugin {
  const options = checkOptions('notify', given, {
    command: 'text',
    url: 'text',
    on: 'texts',
    minSeconds: 'number',
    children: 'flag',
    parameters: 'texts',
  });
  if (options.command === undefined && options.url === undefined) {
    throw refuseOptions('notify', 'Expected a "command", a "url" or both: without them it has nothing to do.');
  }
  const { command = '', on = END_STATUSES, minSeconds = 0, children = false, parameters = [] } = options;
  const unknown = on.find((status) => !END_STATUSES.some((known) => known === status));
  if (unknown !== undefined) {
    throw refuseOptions('notify', `Expected "on" to hold statuses (${END_STATUSES.join(', ')}), got "${unknown}".`);
  }
  const url = options.url === undefined ? undefined : webhook(options.url);
  return {
    async afterRun(run, outcome) {
      if (!on.includes(outcome.status) || outcome.durationMs < minSeconds * 1000) return;
      if (run.parent !== undefined && !children) return;
      await Promise.all([
        command === '' ? undefined : runCommand(command, project.root, run, outcome),
        url === undefined ? undefined : post(url, run, outcome, parameters),
      ]);
    },
  };
}

/** The URL with what the environment holds; its text is in no error, as it may hold a token. */
function webhook(text: string): URL | undefined {
  const filled = text.replace(
    /\$(?:\$|\{(\w+)(?::-([^}]*))?\})/g,
    (whole, name: string | undefined, otherwise: string | undefined) => {
      if (name === undefined) return whole.slice(1);
      const value = process.env[name] || otherwise;
      if (value !== undefined) return value;
      throw refuseOptions(
        'notify',
        `"url" names $\{${name}}, which is not set. Set it, or write $\{${name}:-} for none.`,
      );
    },
  );
  if (filled === '') return undefined;
  const url = URL.canParse(filled) ? new URL(filled) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol)) return url;
  throw refuseOptions('notify', 'Expected "url" to be a URL that begins with https:// or http://.');
}

/** Runs the command in a process group of its own; one that outlasts this process goes on. */
function runCommand(command: string, cwd: string, run: PluginRun, outcome: PluginOutcome): Promise<void> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, ...factsOf(run, outcome) };
    const detached = process.platform !== 'win32';
    const child = spawn(command, { shell: true, cwd, env, detached, stdio: ['ignore', 'ignore', 'pipe'] });
    child.unref();
    (child.stderr as unknown as { unref(): void }).unref();
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-LONGEST);
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      const how = signal === null ? `exited with ${code}` : `was ended by ${signal}`;
      const last = said.trim().split('\n').at(-1) ?? '';
      if (code !== 0) run.log(`the command ${how}.${last === '' ? '' : ` It said: ${last}`}`);
      resolve();
    });
  });
}

function factsOf(run: PluginRun, outcome: PluginOutcome): Record<string, string> {
  return {
    COMEX_ID: run.id,
    COMEX_STATUS: outcome.status,
    COMEX_NAMESPACE: run.namespace,
    COMEX_DURATION_MS: String(Math.round(outcome.durationMs)),
    COMEX_PATH: run.path,
    COMEX_ERROR: plain(outcome.error?.message ?? ''),
    COMEX_SUMMARY: summaryOf(run, outcome),
  };
}

async function post(url: URL, run: PluginRun, outcome: PluginOutcome, names: readonly string[]): Promise<void> {
  const target = new URL(url);
  target.username = '';
  target.password = '';
  const user = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  const authorization: Readonly<Record<string, string>> =
    user === ':' ? {} : { authorization: `Basic ${Buffer.from(user).toString('base64')}` };
  try {
    const response = await fetch(target, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...authorization },
      body: encode(messageOf(run, outcome, names), 'the notification'),
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT),
    });
    await response.body?.cancel();
    if (!response.ok) run.log(`${url.host} answered ${response.status} ${response.statusText}.`);
  } catch (error) {
    // Not the message: it may hold the URL.
    const { name, cause } = error as Error & { readonly cause?: { readonly code?: unknown } };
    const why = name === 'TimeoutError' ? `no answer in ${TIMEOUT / 1000} s` : String(cause?.code ?? name);
    run.log(`${url.host} could not be told: ${why}.`);
  }
}

function messageOf(run: PluginRun, outcome: PluginOutcome, names: readonly string[]): Record<string, unknown> {
  const { error } = outcome;
  const values = run.parameters;
  const shown = names.filter((name) => Object.hasOwn(values, name) && values[name] !== REDACTED);
  return {
    text: summaryOf(run, outcome),
    id: run.id,
    status: outcome.status,
    namespace: run.namespace,
    module: run.module,
    ...(run.description === undefined ? {} : { description: run.description }),
    tags: run.tags,
    ...(run.parent === undefined ? {} : { parent: run.parent }),
    startedAt: run.startedAt.toISOString(),
    durationMs: outcome.durationMs,
    path: run.path,
    ...(error === undefined ? {} : { error: { name: error.name, message: plain(error.message) } }),
    ...(shown.length === 0 ? {} : { parameters: Object.fromEntries(shown.map((name) => [name, values[name]])) }),
  };
}

/** `vision/digits k3v9x2ab failed after 12 s: no such file`. */
function summaryOf(run: PluginRun, { status, durationMs, error }: PluginOutcome): string {
  const seconds = durationMs / 1000;
  const [amount, unit] =
    seconds < 120 ? [seconds, 's'] : seconds < 7200 ? [seconds / 60, 'min'] : [seconds / 3600, 'h'];
  const time = `${amount < 10 ? amount.toFixed(1) : Math.round(amount)} ${unit}`;
  const why = error === undefined ? '' : `: ${plain(error.message).split('\n')[0]}`;
  return `${run.namespace} ${run.id} ${status} after ${time}${why}`;
}

/** A text that an environment entry can hold. */
function plain(text: string): string {
  return text.replaceAll('\0', '').slice(0, LONGEST);
}
