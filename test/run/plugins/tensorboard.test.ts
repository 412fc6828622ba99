import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { crc32c, maskedCrc32c } from '../../../src/run/plugins/crc32c.ts';
import { type ReadEvent, readEvents } from './event-reader.ts';
import { Setting } from './setting.ts';

const DONE = { status: 'done', durationMs: 1 } as const;
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAIAAAASFvFNAAAAE0lEQVR42mP8z8AARAwMDIwMDAAOCQECqZ8YVgAAAABJRU5ErkJggg==',
  'base64',
);
const GIF = Buffer.from('GIF89a\x05\x00\x04\x00', 'latin1');
/** A comment before the frame header, and a fill byte. */
const JPEG = Buffer.from('ffd8fffe00046869ffffc00011080007000903', 'hex');

function fileOf(folder: string): string {
  const names = readdirSync(folder);
  expect(names).toEqual([expect.stringMatching(/^events\.out\.tfevents\.1769857200\./)]);
  return join(folder, names[0]!);
}

/** The events behind the first, which says the version. */
function eventsOf(folder: string): ReadEvent[] {
  const [first, ...events] = readEvents(fileOf(folder));
  expect(first).toEqual({ wallTime: 1_769_857_200.25, step: 0, version: 'brain.Event:2' });
  return events;
}

describe('CRC-32C', () => {
  it.each([
    [Buffer.from('123456789'), 0xe3069283],
    [Buffer.alloc(0), 0],
    // RFC 3720, appendix B.4
    [Buffer.alloc(32), 0x8a9136aa],
    [Buffer.alloc(32, 0xff), 0x62a8ab43],
    [Buffer.from(Array.from({ length: 32 }, (_, index) => index)), 0x46dd794e],
    [Buffer.from(Array.from({ length: 32 }, (_, index) => 31 - index)), 0x113fdb5c],
  ])('of %o', (bytes, crc) => {
    expect(crc32c(bytes)).toBe(crc);
  });

  it('is masked by a rotation and a constant, over a part of the bytes', () => {
    const crc = 0xe3069283;
    expect(maskedCrc32c(Buffer.from('xx123456789x'), 2, 11)).toBe(
      Number((((BigInt(crc) >> 15n) | (BigInt(crc) << 17n)) + 0xa282ead8n) & 0xffffffffn),
    );
  });
});

describe('the event file of a run', () => {
  it('has every point with its step and its time, whatever the number', async () => {
    const setting = new Setting();
    const host = await setting.begin(['tensorboard']);
    const points: Array<[string, number, number, number]> = [
      ['loss/train', 0, 0, 0.5],
      ['loss/train', 1, 1500.5, 0],
      ['größe', 127, 2000, -1.25],
      ['a', 128, 2000, Number.NaN],
      ['a', 300_000, 2001, Number.POSITIVE_INFINITY],
      ['a', 2 ** 40, 2002, Number.NEGATIVE_INFINITY],
      ['a', -3, 2003, 1e39],
    ];
    for (const [name, step, time, value] of points) host.track(name, step, time, value, { epoch: 1 });
    host.track('a', 2.6, 2004, 1);
    host.track('a', 1e300, 2005, 1);
    host.track('a', -1e300, 2006, 1);
    await host.afterRun(DONE);
    const events = eventsOf(join(setting.path, 'tensorboard'));
    expect(events.slice(0, points.length)).toEqual(
      points.map(([tag, step, time, value]) => ({
        tag,
        step,
        wallTime: (setting.run.startedAt.getTime() + time) / 1000,
        value: Math.fround(value),
      })),
    );
    expect(events.slice(points.length).map(({ step }) => step)).toEqual([3, 2 ** 63, -(2 ** 63)]);
    expect(setting.log).toEqual([]);
  });

  it('has texts and pictures', async () => {
    const setting = new Setting();
    const host = await setting.begin(['tensorboard']);
    const long = '# é\n'.repeat(5000);
    setting.write(
      Object.fromEntries(
        Object.entries({ png: PNG, gif: GIF, jpg: JPEG }).map(([type, bytes]) => [
          join('results/vision/digits/2026-01-31__12-00-00__k3v9x2ab/media', `p.${type}`),
          bytes,
        ]),
      ),
    );
    host.track('note', 4, 1, long);
    for (const type of ['png', 'gif', 'jpg']) host.track('figure', 5, 1, { image: `media/p.${type}` });
    await host.afterRun(DONE);
    const [text, ...pictures] = eventsOf(join(setting.path, 'tensorboard'));
    expect(text).toMatchObject({ tag: 'note', step: 4, value: long, shownBy: ['text', 2] });
    expect(pictures.map(({ value }) => value)).toEqual([
      { width: 3, height: 2, data: PNG },
      { width: 5, height: 4, data: GIF },
      { width: 9, height: 7, data: JPEG },
    ]);
  });

  it('leaves out what TensorBoard cannot show, and says so once', async () => {
    const setting = new Setting();
    const host = await setting.begin(['tensorboard']);
    writeFileSync(join(setting.path, 'a.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
    writeFileSync(join(setting.path, 'torn.jpg'), JPEG.subarray(0, 8));
    for (const step of [0, 1]) host.track('figure', step, 1, { image: 'a.svg' });
    host.track('torn', 0, 1, { image: 'torn.jpg' });
    host.track('mixed', 0, 1, 1);
    for (const step of [1, 2]) host.track('mixed', step, 1, 'text');
    host.track('mixed', 3, 1, 2);
    await host.afterRun(DONE);
    const events = eventsOf(join(setting.path, 'tensorboard'));
    expect(events.map(({ tag, step }) => [tag, step])).toEqual([
      ['mixed', 0],
      ['mixed', 3],
    ]);
    expect(setting.log).toEqual([
      'Plugin tensorboard: the series "figure" is not whole in TensorBoard: it shows PNG, JPEG and GIF pictures only.',
      'Plugin tensorboard: the series "torn" is not whole in TensorBoard: it shows PNG, JPEG and GIF pictures only.',
      'Plugin tensorboard: the series "mixed" is not whole in TensorBoard: it has values of several kinds.',
    ]);
  });

  it('may be in a folder of the project, under the names of the run', async () => {
    const setting = new Setting();
    const host = await setting.begin([{ use: 'tensorboard', folder: 'logs/tb' }]);
    host.track('loss', 0, 1, 1);
    await host.afterRun(DONE);
    expect(eventsOf(join(setting.root, 'logs/tb/vision/digits/2026-01-31__12-00-00__k3v9x2ab'))).toHaveLength(1);
    expect(existsSync(join(setting.path, 'tensorboard'))).toBe(false);
  });

  it('is not there when nothing was tracked', async () => {
    const setting = new Setting();
    await (await setting.begin(['tensorboard'])).afterRun(DONE);
    expect(existsSync(join(setting.path, 'tensorboard'))).toBe(false);
  });

  it('can be read a second after a point was tracked', async () => {
    const setting = new Setting();
    const host = await setting.begin(['tensorboard']);
    host.track('loss', 0, 1, 0.5);
    const folder = join(setting.path, 'tensorboard');
    await expect.poll(() => eventsOf(folder).length, { timeout: 3000 }).toBe(1);
    await host.afterRun(DONE);
  });

  it('is complete when the process ends inside the run', async () => {
    const setting = new Setting();
    const host = await setting.begin(['tensorboard']);
    for (let step = 0; step < 100; step++) host.track('loss', step, step, step);
    host.closeNow(DONE);
    expect(eventsOf(join(setting.path, 'tensorboard'))).toHaveLength(100);
  });

  it('is whole but for the last second when the process is killed while it never yields', async () => {
    const setting = new Setting({
      'main.mjs': `
import { PluginHost } from ${JSON.stringify(new URL('../../../src/run/plugins.ts', import.meta.url).href)};
const host = await PluginHost.load(['tensorboard'], { root: process.cwd(), results: '' }, () => ({}), console.log);
await host.beforeRun({ id: 'a', namespace: 'n', path: process.argv[2], startedAt: new Date(1769857200250) });
const start = performance.now();
for (let step = 0; performance.now() - start < 2500; step++) host.track('loss', step, step, step);
process.kill(process.pid, 'SIGKILL');
`,
    });
    const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), 'main.mjs', setting.path], {
      cwd: setting.root,
    });
    expect(await once(child, 'exit')).toEqual([null, 'SIGKILL']);
    const path = fileOf(join(setting.path, 'tensorboard'));
    truncateSync(path, Math.min(200_000, readFileSync(path).length - 3)); // what a kill in the middle of a write leaves
    const events = readEvents(path, true).slice(1);
    expect(events.length).toBeGreaterThan(1000);
    expect(events.every(({ step }, index) => step === index)).toBe(true);
  });

  it('that cannot be made is given up after three points, and the run goes on', async () => {
    const setting = new Setting();
    writeFileSync(join(setting.path, 'tensorboard'), 'a file');
    const host = await setting.begin(['tensorboard']);
    for (let step = 0; step < 5; step++) host.track('loss', step, 1, 0.5);
    await host.afterRun(DONE);
    expect(setting.log.at(-1)).toBe(
      'Plugin tensorboard: onTrack has failed 3 times, and is switched off for this run.',
    );
  });

  it('that becomes too large for the disk ends with a whole record, and the log says so once', async () => {
    const setting = new Setting({
      'main.mjs': `
import { PluginHost } from ${JSON.stringify(new URL('../../../src/run/plugins.ts', import.meta.url).href)};
process.on('SIGXFSZ', () => {});
const host = await PluginHost.load(['tensorboard'], { root: process.cwd(), results: '' }, () => ({}), console.log);
await host.beforeRun({ id: 'a', namespace: 'n', path: process.argv[2], startedAt: new Date(1769857200250) });
for (let step = 0; step < 100_000; step++) host.track('loss', step, step, step);
await host.afterRun({ status: 'done', durationMs: 1 });
`,
    });
    const words = ['--import', import.meta.resolve('tsx'), 'main.mjs', setting.path].map((word) => `'${word}'`);
    const { stdout, stderr } = spawnSync(
      'sh',
      ['-c', `ulimit -f 2000; exec '${process.execPath}' ${words.join(' ')}`],
      {
        cwd: setting.root,
        encoding: 'utf8',
      },
    );
    expect(stdout + stderr).toMatch(/^Plugin tensorboard: the event file ends here: [^\n]+\n$/);
    const path = fileOf(join(setting.path, 'tensorboard'));
    expect(readEvents(path).length).toBeGreaterThan(1000);
  });
});
