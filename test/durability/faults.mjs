/**
 * Makes one call of the file system go wrong. Preloaded into a real run (`node --import faults.mjs dist/bin.js run …`), it
 * counts the calls that touch the folder of `COMEX_FAULT` and, at the n-th, kills the process (`kill`), writes half of the
 * bytes and kills (`torn`), or throws an error with a code (`error`), once or from then on.
 *
 * `COMEX_FAULT` is JSON: `{ folder, trace, mode, at, code?, lasting? }`. The names of the counted calls are written to
 * the file `trace`, a line each, before they are made; a fault leaves the line `fault` behind its call.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { resolve, sep } from 'node:path';
import { isMainThread } from 'node:worker_threads';

function install({ folder, trace, mode, at, code, lasting }) {
  const real = { ...fs };
  const log = real.openSync(trace, 'a');
  /** Files of the folder that are open, by descriptor. */
  const open = new Map();
  let calls = 0;
  /** Above 0 within a call that counts: what Node calls inside of it does not. */
  let depth = 0;

  const isInside = (path) => {
    if (typeof path === 'number') return open.has(path);
    if (typeof path !== 'string') return false;
    const full = resolve(path);
    return full === folder || full.startsWith(folder + sep);
  };

  const die = () => {
    real.writeSync(log, 'fault\n');
    process.kill(process.pid, 'SIGKILL');
    for (;;); // the signal comes before this is seen
  };

  const fail = (name, path) => {
    real.writeSync(log, 'fault\n');
    const text = `${code}: made to fail, ${name.replace('Sync', '')} '${path}'`;
    throw Object.assign(new Error(text), { code, syscall: name.replace('Sync', ''), path });
  };

  /** Half of what a call would write, where it writes. */
  const tear = (name, args) => {
    if (name === 'writeSync') {
      const bytes = bytesOf(args);
      real.writeSync(args[0], bytes, 0, bytes.length >> 1);
    } else if (name === 'writeFileSync' || name === 'appendFileSync') {
      const bytes = Buffer.from(args[1]);
      real[name](args[0], bytes.subarray(0, bytes.length >> 1), args[2]);
    } else if (name === 'copyFileSync') {
      const bytes = real.readFileSync(args[0]);
      real.writeFileSync(args[1], bytes.subarray(0, bytes.length >> 1));
    }
  };

  for (const [name, paths] of Object.entries(PATHS)) {
    const original = real[name];
    fs[name] = function patched(...args) {
      const counts = depth === 0 && paths.some((index) => isInside(args[index]));
      if (!counts) return original.apply(this, args);
      calls++;
      const path = typeof args[0] === 'number' ? open.get(args[0]) : args[0];
      real.writeSync(log, `${name} ${path}\n`);
      const isFault = calls === at || (lasting === true && calls > at);
      if (isFault && mode === 'torn') tear(name, args);
      if (isFault && mode !== 'error') die();
      depth++;
      try {
        // A file is closed also when closing it fails.
        if (isFault && name !== 'closeSync') fail(name, path);
        const result = original.apply(this, args);
        if (name === 'openSync') open.set(result, String(args[0]));
        if (name === 'closeSync') open.delete(args[0]);
        if (isFault) fail(name, path);
        return result;
      } finally {
        depth--;
      }
    };
  }
  // The one that tells by its result and throws nothing.
  const exists = fs.existsSync;
  fs.existsSync = (path) => {
    try {
      return exists(path);
    } catch {
      return false;
    }
  };
  fs.realpathSync.native = real.realpathSync.native;
  syncBuiltinESMExports();
}

/** The bytes that `writeSync(fd, …)` is asked to write, in each of its forms. */
function bytesOf([, data, offset, length]) {
  if (typeof data === 'string') return Buffer.from(data);
  const from = typeof offset === 'number' ? offset : 0;
  return Buffer.from(data.buffer, data.byteOffset + from, typeof length === 'number' ? length : data.byteLength - from);
}

/** Which arguments of a call are paths, or descriptors. */
const PATHS = {
  openSync: [0],
  writeSync: [0],
  closeSync: [0],
  readSync: [0],
  fsyncSync: [0],
  fdatasyncSync: [0],
  fstatSync: [0],
  ftruncateSync: [0],
  futimesSync: [0],
  renameSync: [0, 1],
  linkSync: [0, 1],
  copyFileSync: [0, 1],
  mkdirSync: [0],
  rmdirSync: [0],
  rmSync: [0],
  unlinkSync: [0],
  truncateSync: [0],
  utimesSync: [0],
  writeFileSync: [0],
  appendFileSync: [0],
  readFileSync: [0],
  readdirSync: [0],
  statSync: [0],
  lstatSync: [0],
  existsSync: [0],
  realpathSync: [0],
};

const plan = JSON.parse(process.env.COMEX_FAULT ?? 'null');
if (plan !== null && isMainThread) install(plan);
