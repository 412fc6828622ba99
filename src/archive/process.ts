import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** What tells one process from every other: the part of an attempt's record that says who holds it. */
export interface ProcessIdentity {
  readonly host: string;
  /** Changes with every start of the machine; null where the system has none. */
  readonly bootId: string | null;
  readonly pid: number;
  /** In clock ticks since boot (Linux); null where finding out would cost a child process. */
  readonly processStart: string | null;
  /** Inode of the pid namespace: the same pid in another container is another process. Null where there is none. */
  readonly pidNamespace: string | null;
}

/** What the system says of a pid. */
export type ProcessFacts =
  | { readonly alive: false }
  | {
      readonly alive: true;
      /** Letter of the state as `ps` shows it, such as R, S, T, Z; undefined where it cannot be read. */
      readonly state?: string;
      readonly start?: string;
      /** Wall-clock start, where the system tells that instead. */
      readonly startedMs?: number;
    };

/** The identity of this process, in under a millisecond. */
export function processIdentity(): ProcessIdentity {
  return { ...machineIdentity(), pid: process.pid, processStart: linuxStat('self')?.start ?? null };
}

/** The part of the identity that every process of this machine (and container) shares. */
export function machineIdentity(): Pick<ProcessIdentity, 'host' | 'bootId' | 'pidNamespace'> {
  return {
    host: hostname(),
    bootId: attempt(() => readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()) ?? null,
    pidNamespace: attempt(() => /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0]) ?? null,
  };
}

/** Asks the system about a pid of this machine and pid namespace, without disturbing the process. */
export function probeProcess(pid: number): ProcessFacts {
  const stat = linuxStat(String(pid));
  if (stat !== undefined) return { alive: true, ...stat };
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it is there and belongs to somebody else. Where /proc hides foreign processes that is all there is to know.
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return { alive: false };
  }
  return { alive: true, ...(process.platform === 'linux' || process.platform === 'win32' ? {} : askPs(pid)) };
}

/** State and start time from `/proc/<pid>/stat`; the name before them may hold spaces and parentheses. */
function linuxStat(pid: string): { readonly state: string; readonly start: string } | undefined {
  const stat = process.platform === 'linux' ? attempt(() => readFileSync(`/proc/${pid}/stat`, 'latin1')) : undefined;
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields?.[19] === undefined ? undefined : { state: fields[0]!, start: fields[19] };
}

function askPs(pid: number): { readonly state?: string; readonly startedMs?: number } {
  return attempt(() => parsePs(runPs(pid))) ?? {};
}

function runPs(pid: number): string {
  const { execFileSync } = process.getBuiltinModule('node:child_process');
  return execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH ?? '/bin:/usr/bin', LC_ALL: 'C' },
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: 5000,
  });
}

/** Reads a line such as `Ss   Sat Nov 21 12:33:00 2026`, in local time. */
export function parsePs(line: string): { readonly state?: string; readonly startedMs?: number } {
  const match = /^\s*([A-Z])\S*\s+(.+?)\s*$/.exec(line);
  const startedMs = Date.parse(match?.[2] ?? '');
  return { ...(match === null ? {} : { state: match[1]! }), ...(Number.isNaN(startedMs) ? {} : { startedMs }) };
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
