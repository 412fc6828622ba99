import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { definePlugin } from '../../../src/run/plugin.ts';
import { PluginHost } from '../../../src/run/plugins.ts';
import { Setting } from './setting.ts';

const TSX = import.meta.resolve('tsx');

/** Writes every call with its arguments down. */
const RECORDER = `
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
export default (options, project) => {
  const write = (...all) => appendFileSync(join(project.root, 'calls.jsonl'), JSON.stringify(all) + '\\n');
  write('made', options, project);
  return {
    name: options.name,
    beforeRun: (run) => write('beforeRun', run.id, run.parameters),
    afterRun: (run, outcome) => write('afterRun', run.id, outcome),
    onTrack: (run, point) => write('onTrack', run.id, point),
    onCommit: (run, artifact) => write('onCommit', run.id, artifact),
    onError: (run, error) => write('onError', run.id, error),
  };
};
`;

function callsOf(setting: Setting): unknown[] {
  return readFileSync(join(setting.root, 'calls.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

describe('a plugin', () => {
  it('is told of a run from its beginning to its end', async () => {
    const setting = new Setting({ 'plugins/recorder.mjs': RECORDER });
    const host = await setting.begin([{ use: './plugins/recorder.mjs', size: 2 }]);
    expect(host.tracks).toBe(true);
    host.track('loss', 0, 12.5, 0.5);
    host.track('notes', 1, 13, 'text', { epoch: 3 });
    host.track('figure', 2, 14, { image: 'media/figure/2.png' });
    host.commit('a.json', '/run/a.json');
    await host.error({ name: 'TypeError', message: 'no' });
    await host.afterRun({ status: 'failed', durationMs: 20, error: { name: 'TypeError', message: 'no' } });
    const { id } = setting.run;
    expect(callsOf(setting)).toEqual([
      ['made', { size: 2 }, setting.project],
      ['beforeRun', id, { EPOCHS: 3, API_KEY: '[redacted]', RATE: null }],
      ['onTrack', id, { name: 'loss', step: 0, time: 12.5, value: 0.5 }],
      ['onTrack', id, { name: 'notes', step: 1, time: 13, value: 'text', axes: { epoch: 3 } }],
      ['onTrack', id, { name: 'figure', step: 2, time: 14, value: { image: 'media/figure/2.png' } }],
      ['onCommit', id, { name: 'a.json', path: '/run/a.json' }],
      ['onError', id, { name: 'TypeError', message: 'no' }],
      ['afterRun', id, { status: 'failed', durationMs: 20, error: { name: 'TypeError', message: 'no' } }],
    ]);
    expect(setting.log).toEqual([]);
  });

  it('is told nothing before the run has begun and after it has ended', async () => {
    const setting = new Setting({ 'recorder.mjs': RECORDER });
    const host = (await setting.load(['./recorder.mjs']))!;
    const tellAll = async () => {
      host.track('loss', 0, 1, 1);
      host.commit('a', '/a');
      await host.error({ name: 'Error', message: 'no' });
      await host.afterRun({ status: 'done', durationMs: 1 });
      host.closeNow({ status: 'done', durationMs: 1 });
    };
    await tellAll();
    expect(callsOf(setting)).toHaveLength(1);
    await host.beforeRun(setting.run);
    await host.afterRun({ status: 'done', durationMs: 1 });
    expect(host.tracks).toBe(false);
    await tellAll();
    expect(callsOf(setting).map((call) => (call as unknown[])[0])).toEqual(['made', 'beforeRun', 'afterRun']);
  });

  it('reads the parameters as they are at that moment', async () => {
    const setting = new Setting({
      'p.mjs': 'export default { afterRun: (run) => run.log(run.parameters.EPOCHS + " " + Object.keys(run)) };',
    });
    let epochs = 1;
    const host = (await setting.load(['./p.mjs']))!;
    await host.beforeRun({
      ...setting.run,
      get parameters() {
        return { EPOCHS: epochs };
      },
    });
    epochs = 2;
    await host.afterRun({ status: 'done', durationMs: 1 });
    const keys = [...Object.keys(setting.run), 'log'];
    expect(setting.log).toEqual([`Plugin p: 2 ${keys}`]);
  });

  it('may be a package, also one for imports only, with its options', async () => {
    const setting = new Setting({
      'node_modules/comex-plugin-a/package.json': '{ "name": "comex-plugin-a", "main": "./a.cjs" }',
      'node_modules/comex-plugin-a/a.cjs':
        'exports.__esModule = true; exports.default = (o) => ({ beforeRun: (run) => run.log(String(o.x)) });',
      'node_modules/@lab/plugin/package.json':
        '{ "name": "@lab/plugin", "type": "module", "exports": { ".": { "types": "./x.d.ts", "import": { "node": "./b.js" } }, "./sub": "./c.js" } }',
      'node_modules/@lab/plugin/b.js': 'export default { name: "b", beforeRun: (run) => run.log("here") };',
      'node_modules/@lab/plugin/c.js': 'export default { beforeRun: (run) => run.log("there") };',
    });
    await setting.begin([{ use: 'comex-plugin-a', x: 7 }, '@lab/plugin', '@lab/plugin/sub']);
    expect(setting.log).toEqual(['Plugin comex-plugin-a: 7', 'Plugin b: here', 'Plugin @lab/plugin/sub: there']);
  });

  it('costs nothing where none is configured', async () => {
    expect(await new Setting().load([])).toBeUndefined();
    expect(
      await PluginHost.load(
        undefined,
        new Setting().project,
        async () => ({}),
        () => {},
      ),
    ).toBeUndefined();
    const setting = new Setting({ 'p.mjs': 'export default { afterRun() {} };' });
    expect((await setting.begin(['./p.mjs'])).tracks).toBe(false);
  });

  it('that definePlugin gave its types is what it was', () => {
    const plugin = { afterRun: () => {} };
    expect(definePlugin(plugin)).toBe(plugin);
    const factory = (options: { readonly seconds?: number }) => ({ name: `${options.seconds}`, afterRun: () => {} });
    expect(definePlugin(factory)).toBe(factory);
  });
});

describe('a plugin that goes wrong while a run goes on', () => {
  it('is logged with the line that threw, and the others go on', async () => {
    const setting = new Setting({
      'bad.mjs': `export default {
  beforeRun() { throw new Error('no connection'); },
  async afterRun() { await null; throw new TypeError('too late'); },
  onCommit() { throw 'a text'; },
  async onError() { throw new Error('again'); },
};`,
      'good.mjs': 'export default { beforeRun: (run) => run.log("good"), afterRun: (run) => run.log("better") };',
    });
    const host = await setting.begin(['./bad.mjs', './good.mjs']);
    host.commit('a', '/a');
    await host.error({ name: 'Error', message: 'x' });
    await host.afterRun({ status: 'done', durationMs: 1 });
    expect(setting.log).toEqual([
      expect.stringMatching(/^Plugin bad: beforeRun failed: no connection \(\/\S*bad\.mjs:2:\d+\)$/),
      'Plugin good: good',
      expect.stringMatching(/^Plugin bad: onCommit failed: .*a text/),
      expect.stringMatching(/^Plugin bad: onError failed: again \(\/\S*bad\.mjs:5:\d+\)$/),
      'Plugin good: better',
      expect.stringMatching(/^Plugin bad: afterRun failed: too late \(\/\S*bad\.mjs:3:\d+\)$/),
    ]);
  });

  it('is left behind when it does not come to its end, and what it throws later is logged', async () => {
    const setting = new Setting({
      'slow.mjs': `export default {
  beforeRun: () => new Promise(() => {}),
  afterRun: () => new Promise((_, reject) => setTimeout(() => reject(new Error('late')), 120)),
};`,
    });
    const host = await setting.begin(['./slow.mjs'], {}, 30);
    await host.afterRun({ status: 'done', durationMs: 1 });
    expect(setting.log).toEqual([
      'Plugin slow: beforeRun has not come to its end in 0.03 s, and is left behind.',
      'Plugin slow: afterRun has not come to its end in 0.03 s, and is left behind.',
    ]);
    await expect.poll(() => setting.log.at(-1)).toMatch(/^Plugin slow: afterRun failed: late/);
  });

  it.each([
    ['throws', 'onTrack(run, point) { throw new Error("no " + point.step); }'],
    ['rejects', 'async onTrack(run, point) { throw new Error("no " + point.step); }'],
  ])('is spared further points when it %s three times', async (_, handler) => {
    const setting = new Setting({
      'bad.mjs': `export default { ${handler} };`,
      'good.mjs': 'export default { onTrack: (run, point) => { if (point.step === 4) run.log("4"); } };',
    });
    const host = await setting.begin(['./bad.mjs', './good.mjs']);
    for (let step = 0; step < 5; step++) {
      host.track('loss', step, step, 1);
      await null;
    }
    await new Promise((resolve) => setImmediate(resolve));
    const bad = setting.log.filter((line) => line.startsWith('Plugin bad'));
    expect(bad.filter((line) => line.includes('switched off'))).toEqual([
      'Plugin bad: onTrack has failed 3 times, and is switched off for this run.',
    ]);
    expect(bad.slice(0, 3).map((line) => /no \d/.exec(line)?.[0])).toEqual(['no 0', 'no 1', 'no 2']);
    expect(setting.log).toContain('Plugin good: 4');
    expect(host.tracks).toBe(true);
  });

  it('is to blame for errors that nobody catches, in promises and timers, and the run is not', () => {
    const setting = new Setting({
      'bad.mjs': `
setTimeout(() => { throw new Error('from the module'); }, 5);
export default () => {
  setTimeout(() => { throw new Error('from the factory'); }, 10);
  return {
    beforeRun() { Promise.reject(new Error('from a promise')); },
    onTrack() { setTimeout(() => { throw new Error('from a timer'); }, 15); },
  };
};`,
      'main.mjs': `
import { pathToFileURL } from 'node:url';
import { PluginHost } from ${JSON.stringify(new URL('../../../src/run/plugins.ts', import.meta.url).href)};
let host;
const judge = (error) => { if (!host.blames(error)) console.log('the run: ' + error.message); };
process.on('uncaughtException', judge);
process.on('unhandledRejection', judge);
host = await PluginHost.load(['./bad.mjs'], { root: process.cwd(), results: '' },
  (path) => import(pathToFileURL(path).href), console.log);
await host.beforeRun({ id: 'a', parameters: {} });
host.track('loss', 0, 0, 0);
console.log(host.isInside);
Promise.reject(new Error('its own'));
`,
    });
    const { stdout } = spawnSync(process.execPath, ['--import', TSX, 'main.mjs'], {
      cwd: setting.root,
      encoding: 'utf8',
    });
    const lines = stdout.trim().split('\n');
    const said = (text: string) => lines.find((line) => line.includes(text));
    expect(said('from the module')).toMatch(/^Plugin .*nobody caught it: /);
    for (const text of ['from the factory', 'from a promise', 'from a timer']) {
      expect(said(text)).toMatch(/^Plugin bad: failed, and nobody caught it: .*bad\.mjs:\d+/);
    }
    expect(said('its own')).toBe('the run: its own');
    expect(lines).toContain('false');
  });
});

describe('a plugin that is configured wrongly is refused before the run:', () => {
  it.each([
    ['a module that is not there', './none.ts', /"\.\/none\.ts" in comex\.config\.json: There is no file .*none\.ts/],
    [
      'a package that is not there',
      'comex-plugin-none',
      /No package of this name is installed.*notify and tensorboard/,
    ],
    ['a misspelt name of ours', 'tensorbord', /Did you mean "tensorboard"\?/],
    ['an entry of no known form', { use: 3 } as never, /Expected each of "plugins".*got \{"use":3\}/],
    ['a module with no default export', './empty.mjs', /export a plugin, or a function/],
    ['a module that throws', './throws.mjs', /could not be loaded: no licence/],
    ['a function that throws', './refuses.mjs', /could not be loaded: Expected a size/],
    ['a function that returns nothing', './nothing.mjs', /return a plugin, got undefined/],
    ['a function that never returns', './never.mjs', /could not be loaded: it took longer than 0\.05 s/],
    ['a misspelt handler', './misspelt.mjs', /"onTracked", which nothing calls\. Did you mean "onTrack"\?/],
    ['a handler that is no function', './handler.mjs', /its afterRun to be a function, got string/],
    ['an object with no handler', { use: './object.mjs', x: 1 }, /at least one of beforeRun.*Options are for modules/],
    ['an option that ours does not have', { use: 'notify', urls: '' }, /no option "urls". Did you mean "url"\?/],
    ['an option of another kind', { use: 'tensorboard', folder: 3 }, /"folder" to be a text, got 3/],
  ])('%s', async (_, entry, message) => {
    const setting = new Setting({
      'empty.mjs': 'export const a = 1;',
      'throws.mjs': 'throw new Error("no licence");',
      'refuses.mjs': 'export default () => { throw new Error("Expected a size"); };',
      'nothing.mjs': 'export default () => {};',
      'never.mjs': 'export default () => new Promise(() => {});',
      'misspelt.mjs': 'export default { onTracked() {} };',
      'handler.mjs': 'export default { afterRun: "x" };',
      'object.mjs': 'export default { a: 1 };',
    });
    const patience = entry === './never.mjs' ? 50 : undefined;
    await expect(setting.load([entry], patience)).rejects.toMatchObject({
      name: 'ComexError',
      code: 'E_PLUGIN',
      message: expect.stringMatching(message),
    });
  });
});
