import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PluginOutcome } from '../../../src/run/plugin.ts';
import { Setting } from './setting.ts';

const FAILED: PluginOutcome = {
  status: 'failed',
  durationMs: 12_345.6,
  error: { name: 'TypeError', message: 'no such "thing"\nat all' },
};
/** Writes what the command is told down, a line a variable. */
const TELL = `"${process.execPath}" tell.mjs`;
const TELLER = `
import { writeFileSync } from 'node:fs';
writeFileSync('told.json', JSON.stringify(Object.entries(process.env).filter(([name]) => name.startsWith('COMEX_') && name !== 'COMEX_TEST_BUILT')));
`;

describe('the command of a notification', () => {
  it('runs in the project with the facts of the run in its environment', async () => {
    const setting = new Setting({ 'tell.mjs': TELLER });
    const host = await setting.begin([{ use: 'notify', command: TELL }]);
    await host.afterRun(FAILED);
    expect(Object.fromEntries(JSON.parse(readFileSync(join(setting.root, 'told.json'), 'utf8')))).toEqual({
      COMEX_ID: 'k3v9x2ab',
      COMEX_STATUS: 'failed',
      COMEX_NAMESPACE: 'vision/digits',
      COMEX_DURATION_MS: '12346',
      COMEX_PATH: setting.path,
      COMEX_ERROR: 'no such "thing"\nat all',
      COMEX_SUMMARY: 'vision/digits k3v9x2ab failed after 12 s: no such "thing"',
    });
    expect(setting.log).toEqual([]);
  });

  it('that fails is logged with what it said last', async () => {
    const setting = new Setting({ 'fail.mjs': 'console.error("one\\ntwo"); process.exit(3);' });
    const host = await setting.begin([{ use: 'notify', command: `"${process.execPath}" fail.mjs` }]);
    await host.afterRun(FAILED);
    expect(setting.log).toEqual(['Plugin notify: the command exited with 3. It said: two']);
  });

  it.each([
    ['a status that is not asked for', { on: ['done'] }, {}, false],
    ['a status that is', { on: ['done', 'failed'] }, {}, true],
    ['a run that was too short', { minSeconds: 13 }, {}, false],
    ['a run that was long enough', { minSeconds: 12 }, {}, true],
    ['a child run', {}, { parent: 'a1b2c3d4' }, false],
    ['a child run when asked for', { children: true }, { parent: 'a1b2c3d4' }, true],
  ])('and %s', async (_, options, run, isTold) => {
    const setting = new Setting({ 'tell.mjs': TELLER });
    const host = await setting.begin([{ use: 'notify', command: TELL, ...options }], run);
    await host.afterRun(FAILED);
    expect(existsSync(join(setting.root, 'told.json'))).toBe(isTold);
  });

  it.each([
    [30_000, '30 s'],
    [4 * 60_000, '4.0 min'],
    [26 * 3_600_000, '26 h'],
  ])('is told that a run took %i ms as %s', async (durationMs, text) => {
    const setting = new Setting({ 'tell.mjs': TELLER });
    await (await setting.begin([{ use: 'notify', command: TELL }])).afterRun({ status: 'done', durationMs });
    const told = Object.fromEntries(JSON.parse(readFileSync(join(setting.root, 'told.json'), 'utf8')));
    expect(told.COMEX_SUMMARY).toBe(`vision/digits k3v9x2ab done after ${text}`);
  });

  it('also runs when the process ends inside the run', async () => {
    const setting = new Setting({
      'tell.mjs': TELLER,
      'main.mjs': `
import { PluginHost } from ${JSON.stringify(new URL('../../../src/run/plugins.ts', import.meta.url).href)};
const command = ${JSON.stringify(TELL)};
const host = await PluginHost.load([{ use: 'notify', command }], { root: process.cwd(), results: '' }, () => ({}), console.log);
await host.beforeRun({ id: 'a', namespace: 'n', path: '/p' });
process.on('exit', () => host.closeNow({ status: 'failed', durationMs: 1 }));
process.exit(4);
`,
    });
    const { status } = spawnSync(process.execPath, ['--import', import.meta.resolve('tsx'), 'main.mjs'], {
      cwd: setting.root,
    });
    expect(status).toBe(4);
    const told = () => readFileSync(join(setting.root, 'told.json'), 'utf8');
    await expect
      .poll(() => existsSync(join(setting.root, 'told.json')) && told(), { timeout: 10_000 })
      .toContain('["COMEX_STATUS","failed"]');
  });
});

describe('the webhook of a notification', () => {
  const requests: Array<{ method: string; path: string; headers: IncomingHttpHeaders; body: string }> = [];
  let answer: { status: number; headers?: Record<string, string> } = { status: 204 };
  let server: ReturnType<typeof createServer>;
  let address: string;

  beforeEach(async () => {
    requests.length = 0;
    answer = { status: 204 };
    server = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request.setEncoding('utf8')) body += chunk;
      requests.push({ method: request.method!, path: request.url!, headers: request.headers, body });
      response.writeHead(answer.status, { connection: 'close', ...answer.headers }).end();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  afterEach(() => {
    delete process.env['COMEX_TEST_TOKEN'];
    server.closeAllConnections();
    server.close();
  });

  it('gets the facts as JSON, and of the parameters those that are named and no secrets', async () => {
    const setting = new Setting();
    const host = await setting.begin([
      { use: 'notify', url: `http://${address}/hook?a=1`, parameters: ['EPOCHS', 'API_KEY', 'RATE', 'NONE'] },
    ]);
    await host.afterRun(FAILED);
    expect(requests).toHaveLength(1);
    const { method, path, headers, body } = requests[0]!;
    expect([method, path, headers['content-type']]).toEqual(['POST', '/hook?a=1', 'application/json']);
    expect(JSON.parse(body)).toEqual({
      text: 'vision/digits k3v9x2ab failed after 12 s: no such "thing"',
      id: 'k3v9x2ab',
      status: 'failed',
      namespace: 'vision/digits',
      module: 'experiments/vision/digits.ts',
      tags: ['baseline'],
      startedAt: '2026-01-31T11:00:00.250Z',
      durationMs: 12_345.6,
      path: setting.path,
      error: { name: 'TypeError', message: 'no such "thing"\nat all' },
      parameters: { EPOCHS: 3, RATE: expect.anything() },
    });
    expect(setting.log).toEqual([]);
  });

  it('gets no parameters unless they are named', async () => {
    const host = await new Setting().begin([{ use: 'notify', url: `http://${address}/` }]);
    await host.afterRun({ status: 'done', durationMs: 5, result: 1 });
    expect(Object.keys(JSON.parse(requests[0]!.body))).not.toContain('parameters');
  });

  it('may have its token in the environment', async () => {
    process.env['COMEX_TEST_TOKEN'] = 's3cret';
    const url = `http://me:pass@${address}/$\{COMEX_TEST_TOKEN}/$\{COMEX_TEST_NONE:-x}/$$`;
    const host = await new Setting().begin([{ use: 'notify', url }]);
    await host.afterRun({ status: 'done', durationMs: 5 });
    expect(requests[0]!.path).toBe('/s3cret/x/$');
    expect(requests[0]!.headers.authorization).toBe(`Basic ${Buffer.from('me:pass').toString('base64')}`);
  });

  it('that is empty in this environment is none', async () => {
    const setting = new Setting();
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the configuration's
    const host = await setting.begin([{ use: 'notify', url: '${COMEX_TEST_NONE:-}' }]);
    await host.afterRun({ status: 'done', durationMs: 5 });
    expect(requests).toEqual([]);
    expect(setting.log).toEqual([]);
  });

  it('that refuses, redirects or is not there is logged by its host alone, and nothing is sent elsewhere', async () => {
    const setting = new Setting();
    const end = async (url: string) => {
      await (await setting.begin([{ use: 'notify', url }])).afterRun({ status: 'done', durationMs: 5 });
    };
    answer = { status: 403 };
    await end(`http://${address}/s3cret`);
    answer = { status: 307, headers: { location: `http://${address}/elsewhere` } };
    await end(`http://${address}/s3cret`);
    expect(requests.map(({ path }) => path)).toEqual(['/s3cret', '/s3cret']);
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
    await end(`http://${address}/s3cret`);
    expect(setting.log).toEqual([
      `Plugin notify: ${address} answered 403 Forbidden.`,
      `Plugin notify: ${address} answered 307 Temporary Redirect.`,
      `Plugin notify: ${address} could not be told: ECONNREFUSED.`,
    ]);
  });
});

describe('a notification is refused before the run', () => {
  it.each([
    ['with nothing to do', { on: ['done'] }, /Expected a "command", a "url" or both/],
    ['with a status that is none', { command: 'x', on: ['finished'] }, /"on" to hold statuses .* got "finished"/],
    ['with a URL that is none', { url: 'hooks.example/s3cret' }, /Expected "url" to be a URL/],
    ['with a URL of another protocol', { url: 'file:///s3cret' }, /Expected "url" to be a URL/],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the configuration's
    ['with a variable that is not set', { url: 'https://a/${COMEX_TEST_NONE}/s3cret' }, /names \$\{COMEX_TEST_NONE\}/],
  ])('%s', async (_, options, message) => {
    const refused = await new Setting().load([{ use: 'notify', ...options }]).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'E_PLUGIN', message: expect.stringMatching(message) });
    expect((refused as Error).message).not.toContain('s3cret');
  });
});
