import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Program, type ProgramFile } from '../../../src/experiment/load/runner.ts';

/** A program of `.mjs` files that calls `log`; main.mjs is imported. What is logged must be what Node's modules log. */
interface Case {
  readonly title: string;
  readonly files: Readonly<Record<string, string>>;
  /** What both must log last, where the point of a case could be missed by both. */
  readonly last?: unknown;
}

const CASES: readonly Case[] = [
  {
    title: 'imports are evaluated first, in source order, depth first, each once',
    files: {
      'main.mjs': `log('main'); import './b.mjs'; import './a.mjs'; import './c.mjs'; export {} from './d.mjs';`,
      'a.mjs': `import './c.mjs'; log('a');`,
      'b.mjs': `import './a.mjs'; log('b');`,
      'c.mjs': `log('c');`,
      'd.mjs': `log('d');`,
    },
    last: 'main',
  },
  {
    title: 'bindings are live, also through re-exports and namespaces',
    files: {
      'main.mjs': `import { n, up as raise, again } from './mid.mjs'; import * as all from './mid.mjs';
log(n, all.n, again); raise(); log(n, all.n, all.again, again); log(typeof n, { n }, [n], n + 1, \`\${n}\`);`,
      'mid.mjs': `export * from './n.mjs'; export { n as again } from './n.mjs';`,
      'n.mjs': `export let n = 1; export function up() { n++; }`,
    },
    last: ['number', { n: 2 }, [2], 3, '2'],
  },
  {
    title: 'every form of export is there',
    files: {
      'main.mjs': `import * as all from './a.mjs'; import d, * as same from './a.mjs'; import { 'a b' as ab } from './a.mjs';
log(Object.keys(all), all === same, d(), ab, all.inner.x, all.E.name, all.f.name, all.p, all.q, all.r, all.s, all.t);`,
      'a.mjs': `export const p = 1, { q, u: [r = 5, ...s] } = { q: 2, u: [undefined, 3, 4] }; export let t; export var v;
export function f() {} export async function g() {} export function* h() {} export class E {} const x = 6;
export { x, x as 'a b' }; export { x as y } from './b.mjs'; export * as inner from './b.mjs'; export default () => 7;`,
      'b.mjs': `export const x = 8;`,
    },
  },
  {
    title: 'default exports have their names, and are hoisted when they are functions',
    files: {
      'main.mjs': `import * as a from './a.mjs'; import * as b from './b.mjs'; import * as c from './c.mjs';
import * as d from './d.mjs'; import * as e from './e.mjs'; import * as f from './f.mjs'; import * as g from './g.mjs';
import * as h from './h.mjs';
for (const each of [a, b, c, d, e, f, h]) log(each.default.name, typeof each.default, Object.keys(each)); log(g.default);`,
      'a.mjs': `import './late.mjs'; export default function () { return 'hoisted'; }`,
      'late.mjs': `import a from './a.mjs'; log(a(), a.name);`,
      'b.mjs': `export default class {}`,
      'c.mjs': `export default class Named { static x = Named.name }`,
      'd.mjs': `export default async () => 1`,
      'e.mjs': `export default (function () {})`,
      'f.mjs': `export default async function* named() {}`,
      'g.mjs': `let x = 1; export default x; x = 2; export { x as default2 };`,
      'h.mjs': `export default async function* () { yield 1; }`,
    },
    last: 1,
  },
  {
    title: 'a default function is a live binding, a default expression is not',
    files: {
      'main.mjs': `import f, { change } from './f.mjs'; log(typeof f); change(); log(f);`,
      'f.mjs': `export default function f() {} export function change() { f = 'changed'; }`,
    },
    last: 'changed',
  },
  {
    title: 'a cycle sees functions at once, and its variables once they are initialised',
    files: {
      'main.mjs': `import { b } from './b.mjs'; export function hoisted() { return 'function'; } export const late = 'late';
export var old = 'old'; export class C {} log(b(), late);`,
      'b.mjs': `import { hoisted, late, old, C } from './main.mjs'; import * as ns from './main.mjs';
log(hoisted(), old, ns.old); for (const read of [() => late, () => C, () => ns.late, () => typeof late]) try { log(read()); }
catch (error) { log(error.name, error.message); } log(Object.prototype.hasOwnProperty.call(Object, 'keys'));
export const b = () => late;`,
    },
    last: ['late', 'late'],
  },
  {
    title: 'a function of a cycle may use functions of modules that are not evaluated yet',
    files: {
      'main.mjs': `import './b.mjs'; import { c } from './c.mjs'; export function viaC() { return c(); } log('main');`,
      'b.mjs': `import { viaC } from './main.mjs'; log('b', viaC());`,
      'c.mjs': `log('c'); export function c() { return 'of c'; }`,
    },
    last: 'main',
  },
  {
    title: 'local names that hide imports stay what they are',
    files: {
      'main.mjs': `import { x, f, K } from './x.mjs';
function param(x) { return x; } const arrow = ({ x }) => x; { let x = 'block'; log(x); } try { throw 'caught'; } catch (x) { log(x); }
for (const x of ['loop']) log(x); class Own { x = x; static m(x) { return x; } get x2() { return x; } }
const object = { x, f() { return x; }, ['x']: x, y: { x } }; label: for (;;) { break label; }
log(param(1), arrow({ x: 2 }), new Own().x, Own.m(3), new Own().x2, object, object.f(), object.y.x, x?.length, f?.(1), f(...[2]));
log(new K().k, new (K)().k, new K.Inner().i, f\`t\`, typeof f, (0, f)(3), x in { imported: 1 }, function x() { return typeof x; }());
const { [x]: computed = x, ...rest } = { imported: 4, other: 5 }; log(computed, rest); var y = x => x; log(y(6)); switch (x) { case x: log('case'); }
function inner() { return x; var x = 1; } log(inner()); log(((a = x, b = () => x) => [a, b()])()); export { y as x };`,
      'x.mjs': `export const x = 'imported'; export function f(a) { return [this === undefined, a]; }
export class K { k = 1; static Inner = class { i = 2; }; }`,
    },
    last: ['imported', 'imported'],
  },
  {
    title: 'an import cannot be assigned to',
    files: {
      'main.mjs': `import { x } from './x.mjs'; import * as ns from './x.mjs';
for (const write of [() => { x = 1; }, () => { x++; }, () => { x += 1; }, () => { ({ x } = { x: 1 }); }, () => { [x] = [1]; }, () => { for (x of [1]); }])
try { write(); log('written'); } catch (error) { log(error.name, error.message); }
for (const write of [() => { ns.x = 1; }, () => { ns.z = 1; }, () => { delete ns.x; }, () => Object.defineProperty(ns, 'x', { value: 2 }), () => Object.freeze(ns), () => Object.setPrototypeOf(ns, {})])
try { write(); log('written'); } catch (error) { log(error.name); } log(x);`,
      'x.mjs': `export let x = 'same'; export const set = (value) => { x = value; };`,
    },
    last: 'same',
  },
  {
    title: 'a namespace looks like a namespace',
    files: {
      'main.mjs': `import * as ns from './x.mjs'; log(Object.keys(ns), Object.getPrototypeOf(ns), ns[Symbol.toStringTag], String(Object.prototype.toString.call(ns)));
log(Object.getOwnPropertyDescriptor(ns, 'b'), Object.getOwnPropertyDescriptor(ns, Symbol.toStringTag), Object.isExtensible(ns), Object.isSealed(ns));
log('b' in ns, 'toString' in ns, ns.none, { ...ns }, JSON.stringify(ns), Reflect.ownKeys(ns).length, Object.entries(ns), ns.method());
log(Reflect.defineProperty(ns, 'b', { value: 1 }), Reflect.defineProperty(ns, 'b', { value: 2 }), Reflect.deleteProperty(ns, 'none'), Reflect.deleteProperty(ns, 'b'));`,
      'x.mjs': `export let c = 3; export const b = 1, Z = 2, ä = 4; export function method() { return typeof this + Object.keys(this).length; }
export const set = () => { c = 4; };`,
    },
  },
  {
    title: 'a namespace without variables that change looks like a namespace too',
    files: {
      'main.mjs': `import * as ns from './x.mjs'; import * as again from './y.mjs'; log(Object.keys(ns), Object.getPrototypeOf(ns), ns[Symbol.toStringTag]);
log(Object.isExtensible(ns), Object.isSealed(ns), 'b' in ns, 'toString' in ns, ns.none, { ...ns }, JSON.stringify(ns), Reflect.ownKeys(ns).length, ns.method());
for (const write of [() => { ns.b = 1; }, () => { ns.z = 1; }, () => { delete ns.b; }, () => Object.defineProperty(ns, 'b', { value: 2 }), () => Object.setPrototypeOf(ns, {})])
try { write(); log('written'); } catch (error) { log(error.name); } log(Reflect.defineProperty(ns, 'b', { value: 1 }), again.x === ns);`,
      'x.mjs': `export const c = 3, b = 1, Z = 2, ä = 4; export function method() { return typeof this + Object.keys(this).length; }`,
      'y.mjs': `export * as x from './x.mjs';`,
    },
    last: [true, true],
  },
  {
    title: 'names of several stars conflict unless they are the same variable or the module has its own',
    files: {
      'main.mjs': `import * as all from './all.mjs'; log(Object.keys(all), all.own, all.same);`,
      'all.mjs': `export * from './a.mjs'; export * from './b.mjs'; export const own = 'all';`,
      'a.mjs': `export const clash = 1, own = 1; export { same } from './c.mjs'; export default 1;`,
      'b.mjs': `export const clash = 2, own = 2; export * from './c.mjs';`,
      'c.mjs': `export const same = 'c';`,
    },
    last: [['own', 'same'], 'all', 'c'],
  },
  {
    title: 'an ambiguous name is an error',
    files: {
      'main.mjs': `log('never'); import { clash } from './all.mjs';`,
      'all.mjs': `export * from './a.mjs'; export * from './b.mjs';`,
      'a.mjs': `export const clash = 1;`,
      'b.mjs': `export const clash = 2;`,
    },
  },
  ...['import { none } from', 'import none from', 'export { none } from', 'export { none as x } from'].map((form) => ({
    title: `${form} a module without it is an error that names it, before anything runs`,
    files: {
      'main.mjs': `import './first.mjs'; ${form} './a.mjs';`,
      'first.mjs': `log('never');`,
      'a.mjs': `export const a = 1;`,
    },
  })),
  {
    title: 'stars that go round in a circle end',
    files: {
      'main.mjs': `import { x } from './a.mjs'; import * as a from './a.mjs'; log(x, Object.keys(a));`,
      'a.mjs': `export * from './b.mjs'; export const y = 1;`,
      'b.mjs': `export * from './a.mjs'; export const x = 2;`,
    },
    last: [2, ['x', 'y']],
  },
  {
    title: 'modules that await start in order and do not hold up their siblings',
    files: {
      'main.mjs': `import './a.mjs'; import './b.mjs'; import './c.mjs'; import './d.mjs'; log('main');`,
      'a.mjs': `log('a1'); await 0; await 0; await 0; log('a2');`,
      'b.mjs': `log('b1'); await 0; log('b2');`,
      'c.mjs': `import './b.mjs'; log('c');`,
      'd.mjs': `log('d');`,
    },
    last: 'main',
  },
  {
    title: 'top-level await works in all its forms, and exports wait for it',
    files: {
      'main.mjs': `import { x, list, late } from './a.mjs'; log(x, list, late); export default await Promise.resolve(3);
const { y } = await import('./b.mjs'); log(y, await (async () => 5)()); if (y) { await null; log('in a block'); }`,
      'a.mjs': `export const x = await Promise.resolve(1); export const list = []; for await (const each of [Promise.resolve('p'), 'q']) list.push(each);
export let late; await new Promise((resolve) => setTimeout(() => { late = 'late'; resolve(); }, 5));`,
      'b.mjs': `export const y = await 4;`,
    },
    last: 'in a block',
  },
  {
    title: 'a cycle of modules that await ends',
    files: {
      'main.mjs': `import './a.mjs'; import './e.mjs'; log('main1'); await 0; log('main2');`,
      'a.mjs': `import './b.mjs'; log('a1'); await 0; log('a2');`,
      'b.mjs': `import './main.mjs'; import './c.mjs'; log('b');`,
      'c.mjs': `import './a.mjs'; log('c1'); await 0; log('c2');`,
      'e.mjs': `import './c.mjs'; log('e');`,
    },
    last: 'main2',
  },
  {
    title: 'what a module throws fails all that import it, with the same error, and it is not run again',
    files: {
      'main.mjs': `const errors = []; for (const file of ['./a.mjs', './b.mjs', './bad.mjs', './a.mjs']) try { await import(file); } catch (error) { errors.push(error); }
log(errors.length, errors.every((error) => error === errors[0]), errors[0].message); await import('./good.mjs');`,
      'a.mjs': `import './good.mjs'; import './bad.mjs'; import './never.mjs'; log('never a');`,
      'b.mjs': `import './bad.mjs'; log('never b');`,
      'bad.mjs': `log('bad'); throw new Error('bad');`,
      'good.mjs': `log('good');`,
      'never.mjs': `log('never');`,
    },
  },
  {
    title: 'what an awaiting module throws fails all that import it, and siblings end',
    files: {
      'main.mjs': `const errors = []; for (const file of ['./a.mjs', './b.mjs', './bad.mjs']) await import(file).catch((error) => errors.push(error));
log(errors.length, new Set(errors).size, String(errors[0]));`,
      'a.mjs': `import './bad.mjs'; import './slow.mjs'; log('never a');`,
      'b.mjs': `import './slow.mjs'; import './a.mjs'; log('never b');`,
      'bad.mjs': `log('bad1'); await 0; log('bad2'); throw undefined;`,
      'slow.mjs': `log('slow1'); await 0; await 0; await 0; log('slow2');`,
    },
    last: [3, 1, 'undefined'],
  },
  {
    title: 'an error while loading is the error of the import',
    files: {
      'main.mjs': `import './a.mjs'; log('never');`,
      'a.mjs': `import './b.mjs'; throw new TypeError('of a');`,
      'b.mjs': `log('b');`,
    },
  },
  {
    title: 'import() gives the same namespace, evaluates later, and works in cycles',
    files: {
      'main.mjs': `import * as a from './a.mjs'; log('main'); const again = await import('./a.mjs'); log(again === a, again.n);
const [one, two] = await Promise.all([import('./late.mjs'), import('./late.mjs')]); log(one === two, one.default, await one.back());
export const self = await import('./x.mjs').then((x) => x.x); log(self); await import('./none.mjs').catch((error) => log(error.code));`,
      'a.mjs': `log('a'); export const n = 1;`,
      'late.mjs': `log('late'); export default 'late'; export const back = async () => (await import('./a.mjs')).n;`,
      'x.mjs': `export const x = 'x';`,
    },
    last: 'ERR_MODULE_NOT_FOUND',
  },
  {
    title: 'import() in the middle of an evaluation waits for its end',
    files: {
      'main.mjs': `import { ready as a } from './a.mjs'; import './b.mjs'; import { ready as c } from './c.mjs'; log('main');
export let done = false; const self = import('./main.mjs').then((main) => log('self', main.done)); log('sync'); done = true;
export const ready = Promise.all([self, a, c]);`,
      'a.mjs': `const b = import('./b.mjs').then(({ b }) => log('b from a', b)); const c = import('./c.mjs').then(({ c }) => log('c from a', c));
log('a'); export const ready = Promise.all([b, c]);`,
      'b.mjs': `import './a.mjs'; import './c.mjs'; log('b'); export const b = 2;`,
      'c.mjs': `log('c'); export const c = 3; export const ready = import('./b.mjs').then(({ b }) => log('b from c', b));`,
    },
  },
  {
    title: 'code is strict, and this is undefined',
    files: {
      'main.mjs': `log(typeof this, (function () { return typeof this; })(), (() => typeof this)()); try { undeclared = 1; } catch (error) { log(error.name); }
try { Object.freeze([]).push(1); } catch (error) { log(error.name); } log([typeof require, typeof module, typeof exports, typeof __filename]);`,
    },
  },
  {
    title: 'packages and built-in modules are evaluated in their turn, before what imports them',
    files: {
      'main.mjs': `import './env.mjs'; import { seen } from 'pkg-a'; import { basename } from 'node:path'; import fs, { readFileSync } from 'fs';
import * as whole from 'pkg-a'; import './after.mjs'; log(seen, basename('/a/b'), fs.readFileSync === readFileSync, Object.keys(whole), seen === whole.seen);
log((await import('pkg-a')) === whole, (await import('pkg-b')).default.b); export { seen as again } from 'pkg-a'; export { b as bb } from 'pkg-b';`,
      'env.mjs': `log('env'); globalThis.flag = 'set';`,
      'after.mjs': `log('after');`,
      'node_modules/pkg-a/package.json': `{ "name": "pkg-a", "type": "module", "exports": { "import": "./a.js" } }`,
      'node_modules/pkg-a/a.js': `export const seen = [globalThis.flag]; export let more = 1;`,
      'node_modules/pkg-b/package.json': `{ "name": "pkg-b", "main": "b.js" }`,
      'node_modules/pkg-b/b.js': `exports.b = 2;`,
    },
  },
  {
    title: 'all names of a package can be passed on',
    files: {
      'main.mjs': `import { d, own } from './all.mjs'; import * as all from './all.mjs'; log(d, own, Object.keys(all));`,
      'all.mjs': `export * from 'pkg-d'; export * from 'node:path/posix'; export const own = 1, sep = 2;`,
      'node_modules/pkg-d/package.json': `{ "name": "pkg-d", "type": "module", "exports": "./d.js" }`,
      'node_modules/pkg-d/d.js': `export const d = 1, own = 2; export default 3;`,
    },
  },
  {
    title: 'a package that is not there is an error with its name',
    files: { 'main.mjs': `import 'no-such-package'; log('never');` },
  },
  {
    title: 'a package that does not export a name is an error',
    files: {
      'main.mjs': `import { none } from 'pkg-c'; log('never');`,
      'node_modules/pkg-c/package.json': `{ "name": "pkg-c", "type": "module", "exports": "./c.js" }`,
      'node_modules/pkg-c/c.js': `export const c = 1;`,
    },
  },
  {
    title: 'names are not taken for others',
    files: {
      'main.mjs': `#!/usr/bin/env node
import { a as __imports, constructor, __proto__ as proto } from './a.mjs'; const __module = 'mine', __default = 'own', __constant = 1;
export default () => [__imports, __module, __default, constructor, proto, __constant]; import self from './main.mjs';
log(self()); log('import { x } from "y"; export default import.meta', /export default/.source); // import.meta
const object = { import: 1, export: 2, new: { target: 3 }, await: 4 }; log(object.import, object.export, object.new.target, object.await);
try { constructor = 1; } catch (error) { log(error.message); }`,
      'a.mjs': `export const a = 'a', constructor = 'c'; const p = 'p'; export { p as __proto__ };`,
    },
  },
];

type Log = unknown[];

/** Imports main.mjs of each folder one after the other, by Node. Runs as a program of its own. */
const NATIVE = `
const { pathToFileURL } = await import('node:url');
const logs = [];
for (const folder of JSON.parse(process.argv[2])) {
  const lines = [];
  globalThis.log = (...values) => lines.push(values.length === 1 ? values[0] : values);
  try {
    const module = await import(pathToFileURL(folder + '/main.mjs').href);
    lines.unshift(Object.keys(module));
    await module.ready;
  } catch (error) { lines.unshift([error?.name, error?.message]); }
  logs.push(lines);
  process.stdout.write(JSON.stringify(lines) + '\\n');
}`;

let root: string;
let native: Log[];
const folderOf = (index: number): string => join(root, String(index));

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'comex-runner-'));
  CASES.forEach(({ files }, index) => {
    for (const [name, text] of Object.entries(files)) write(join(folderOf(index), name), text);
  });
  write(join(root, 'native.mjs'), NATIVE);
  const folders = JSON.stringify(CASES.map((_, index) => folderOf(index)));
  const printed = execFileSync(process.execPath, [join(root, 'native.mjs'), folders], { encoding: 'utf8' });
  native = printed
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Log);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('a program logs what Node logs', () => {
  it.each(CASES.map((each, index) => ({ ...each, index })))('$title', async ({ files, index, last }) => {
    const program = programOf(folderOf(index), files);
    const expected = native[index];
    // Twice: what the first instance leaves behind must not change the second.
    for (let instance = 0; instance < 2; instance++) {
      const lines: Log = [];
      const log = (...values: unknown[]): number => lines.push(values.length === 1 ? values[0] : values);
      try {
        const module = await program.instantiate(() => ({ log })).import(join(folderOf(index), 'main.mjs'));
        lines.unshift(Object.keys(module));
        await module['ready'];
      } catch (error) {
        lines.unshift([(error as Error)?.name, (error as Error)?.message]);
      }
      expect(JSON.parse(JSON.stringify(lines))).toEqual(expected);
      if (last !== undefined) expect(JSON.parse(JSON.stringify(lines.at(-1)))).toEqual(last);
    }
  });
});

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

function programOf(folder: string, files: Readonly<Record<string, string>>): Program {
  const program = new Map<string, ProgramFile>();
  const resolved: Record<string, Record<string, string>> = {};
  for (const [name, source] of Object.entries(files)) {
    if (!name.endsWith('.mjs')) continue;
    const path = join(folder, name);
    program.set(path, { path, format: 'module', source, keepImports: false });
    const specifiers = [...source.matchAll(/'(\.\/[\w/.]+)'/g)].map((found) => found[1]!);
    resolved[path] = Object.fromEntries(specifiers.map((specifier) => [specifier, resolve(folder, specifier)]));
  }
  return new Program(program, resolved, {});
}
