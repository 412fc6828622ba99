import cryptoModule from 'node:crypto';
import dns from 'node:dns';
import dnsPromises from 'node:dns/promises';
import http from 'node:http';
import https from 'node:https';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import { currentSightings } from './context.ts';
import type { SightingKind } from './sightings.ts';

type Callable = (...args: never[]) => unknown;

/** Functions that are watched: what they say of a run, the object that has them, and how its members read in code. */
function watched(): ReadonlyArray<
  readonly [kind: SightingKind, owner: object, shown: string, names: readonly string[]]
> {
  const lookups = ['lookup', 'resolve', 'resolve4', 'resolve6', 'resolveTxt', 'resolveSrv', 'resolveMx', 'reverse'];
  return [
    [
      'random',
      cryptoModule,
      'crypto',
      ['randomBytes', 'randomUUID', 'randomInt', 'randomFill', 'randomFillSync', 'getRandomValues'],
    ],
    ['random', Object.getPrototypeOf(cryptoModule.webcrypto) as object, 'crypto', ['randomUUID', 'getRandomValues']],
    ['clock', Date, 'Date', ['now']],
    ['clock', performance, 'performance', ['now']],
    ['clock', process, 'process', ['hrtime']],
    ['clock', process.hrtime, 'process.hrtime', ['bigint']],
    ['network', globalThis, '', ['fetch', 'WebSocket']],
    ['network', http, 'http', ['request', 'get']],
    ['network', https, 'https', ['request', 'get']],
    ['network', net.Socket.prototype, 'net.Socket', ['connect']],
    ['network', dns, 'dns', lookups],
    ['network', dnsPromises, 'dns', lookups],
  ];
}

let users = 0;
let restore: Array<() => void> = [];
/** Whether a watched function calls another one: that is one call. */
let isInside = false;

/** Watches what code uses that another run may find otherwise, until the returned function is called. */
export function watchProcess(): () => void {
  users += 1;
  if (users === 1) patch();
  let isOver = false;
  return () => {
    if (isOver) return;
    isOver = true;
    users -= 1;
    if (users > 0) return;
    for (const undo of restore.reverse()) undo();
    restore = [];
    syncBuiltinESMExports();
  };
}

function patch(): void {
  for (const [kind, owner, shown, names] of watched()) {
    for (const name of names) replace(kind, owner, name, shown === '' ? name : `${shown}.${name}`);
  }
  replaceDate();
  // Named imports of Node's modules follow.
  syncBuiltinESMExports();
}

/** Puts a function that takes note of its calls in the place of another, with all that hangs on it. */
function replace(kind: SightingKind, owner: object, name: string, what: string): void {
  const before = Object.getOwnPropertyDescriptor(owner, name);
  const original = (owner as Readonly<Record<string, unknown>>)[name];
  if (typeof original !== 'function' || before?.configurable === false) return;
  const patched = new Proxy(original as Callable, {
    apply: function apply(target, self, args): unknown {
      return noted(kind, what, () => Reflect.apply(target, self, args) as unknown, apply);
    },
    construct: function construct(target, args, newTarget): object {
      const made = newTarget === patched ? target : newTarget;
      return noted(kind, what, () => Reflect.construct(target, args, made) as object, construct);
    },
  });
  Object.defineProperty(owner, name, {
    configurable: true,
    writable: true,
    enumerable: before?.enumerable ?? true,
    value: patched,
  });
  restore.push(() => {
    if ((owner as Readonly<Record<string, unknown>>)[name] !== patched) return;
    if (before === undefined) delete (owner as Record<string, unknown>)[name];
    else Object.defineProperty(owner, name, before);
  });
}

/** Only the date without arguments asks the clock. */
function replaceDate(): void {
  const original = Date;
  const patched = new Proxy(original, {
    apply: function apply(target, self, args): unknown {
      return noted('clock', 'Date()', () => Reflect.apply(target as unknown as Callable, self, args) as unknown, apply);
    },
    construct: function construct(target, args, newTarget): object {
      const make = (): object => Reflect.construct(target, args, newTarget === patched ? target : newTarget) as object;
      return args.length === 0 ? noted('clock', 'new Date()', make, construct) : make();
    },
  });
  globalThis.Date = patched;
  original.prototype.constructor = patched;
  restore.push(() => {
    if (globalThis.Date === patched) globalThis.Date = original;
    original.prototype.constructor = original;
  });
}

function noted<T>(kind: SightingKind, what: string, call: () => T, above: Callable): T {
  if (isInside) return call();
  isInside = true;
  try {
    for (const sightings of currentSightings()) sightings.call(kind, what, above);
    return call();
  } finally {
    isInside = false;
  }
}
