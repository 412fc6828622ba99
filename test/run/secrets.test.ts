import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { LoadedRun } from '../../src/archive/load.ts';
import { type Printed, TestProject } from '../project.ts';

const MAIN = 'experiments/main.ts';

/** Every file of a folder that holds one of the texts. */
function filesWith(folder: string, texts: readonly string[]): string[] {
  const found: string[] = [];
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const path = join(folder, name);
    if (!statSync(path).isFile()) continue;
    const text = readFileSync(path, 'latin1');
    for (const secret of texts) if (text.includes(secret)) found.push(`${name}: ${secret}`);
  }
  return found;
}

describe('secrets', () => {
  const given = [
    'sk-given-4711',
    'tok-nested-0815',
    'whole-object-99',
    'dsn-by-tag-31',
    'assigned-later-7',
    'from-env-12345',
    'quote"and\\back-5',
    'pw-in-url-77',
  ];
  const project = new TestProject({
    [MAIN]: `export const API_KEY: string = '';
export const CLIENT = { url: 'x', auth: { authToken: '' }, list: [{ password: '' }] };
export const OTHER: { credentials: { user: string; pass: string } } | null = null;
/** Where the data are.
 * @secret */
export const DSN: string = '';
export const QUOTED_SECRET: string = '';
export const ENV_TOKEN: string = process.env.MY_TOKEN ?? '';
console.log('at the top:', API_KEY, ENV_TOKEN);
export const MAX_TOKENS = 4096;
export const SORT_KEY = 'by-name';
export const EOS_TOKEN = '<|end|>';
export const URL = '';
export default async function experiment(e: any) {
  e.log('key', API_KEY, 'env', ENV_TOKEN, 'dsn', DSN, QUOTED_SECRET); console.log({ API_KEY, CLIENT, OTHER }); process.stderr.write('raw ' + API_KEY + '\\n');
  e.logParameters();
  await e.exec(process.execPath, ['-e', 'console.log(process.argv[1])', CLIENT.auth.authToken]);
  e.DSN = 'assigned-later-7';
  e.log('now', DSN);
  throw new Error('refused ' + API_KEY + ' and ' + QUOTED_SECRET, { cause: new Error('because of ' + CLIENT.auth.authToken) });
}
`,
  });
  let run: LoadedRun;
  let printed: Printed;
  beforeAll(() => {
    const words = [
      '--API_KEY',
      given[0]!,
      `--CLIENT.auth.authToken=${given[1]}`,
      `--OTHER={credentials: {user: '${given[2]}', pass: '${given[2]}'}}`,
      `--DSN=${given[3]}`,
      `--QUOTED_SECRET=${given[6]}`,
      `--URL=https://me:${given[7]}@host/x`,
    ];
    ({ run, printed } = project.run(MAIN, words, { MY_TOKEN: given[5]! }));
  });

  it('are in no file of the run folder: neither given, nor in fields, nor from the environment, logged or thrown', () => {
    expect(run.error?.message).toMatch(/^refused \[redacted\] and \[redacted\]$/);
    expect(run.error?.cause?.message).toBe('because of [redacted]');
    // What the source itself says cannot be kept from the copy of the source.
    expect(filesWith(run.path, given).filter((line) => line !== 'code/experiments/main.ts: assigned-later-7')).toEqual(
      [],
    );
  });

  it('are named in the metadata, with a placeholder in their place', () => {
    const { parameters, redacted, argv } = run.meta;
    expect(parameters['API_KEY']).toMatchObject({
      value: '[redacted]',
      given: '[redacted]',
      default: '[redacted]',
      redacted: true,
    });
    expect(parameters['CLIENT']).toMatchObject({
      value: { url: 'x', auth: { authToken: '[redacted]' } },
      givenFields: { 'auth.authToken': '[redacted]' },
      redacted: true,
    });
    expect(parameters['DSN']).toMatchObject({ value: '[redacted]', redacted: true });
    expect(parameters['ENV_TOKEN']).toMatchObject({ value: '[redacted]', redacted: true });
    expect(redacted).toEqual(
      expect.arrayContaining([
        'parameters.API_KEY',
        'parameters.CLIENT.auth.authToken',
        'parameters.DSN',
        'argv.4',
        'argv.5',
        'argv.6',
        'argv.7',
      ]),
    );
    expect(argv.slice(0, 5)).toEqual(['run', MAIN, '--json', '--API_KEY', '[redacted]']);
    expect(run.parameters['API_KEY']).toBeUndefined();
  });

  it('leave the log readable', () => {
    expect(run.log()).toMatch(/at the top: \[redacted\] \[redacted\]/);
    expect(run.log()).toMatch(/key \[redacted\] env \[redacted\] dsn \[redacted\]/);
    expect(run.log()).toMatch(
      /DSN = \[redacted\] \(set by the experiment, over the value given from outside; before: \[redacted\]\)/,
    );
    expect(run.log()).toMatch(/now \[redacted\]/);
    expect(printed.stderr).toContain('DSN = [redacted]');
  });

  it('do not blot out what only sounds like them', () => {
    for (const name of ['MAX_TOKENS', 'SORT_KEY', 'EOS_TOKEN'])
      expect(run.meta.parameters[name]).not.toHaveProperty('redacted');
    expect([run.parameters['MAX_TOKENS'], run.parameters['SORT_KEY'], run.parameters['EOS_TOKEN']]).toEqual([
      4096,
      'by-name',
      '<|end|>',
    ]);
  });

  it('have to be given again with --from', () => {
    const again = project.comex(['run', MAIN, '--from', run.id]);
    expect([again.status, again.stderr]).toEqual([
      2,
      expect.stringMatching(/API_KEY of that run is a secret.*--API_KEY=…/),
    ]);
  });

  it('are in neither the panels, nor the help, nor a dry run', () => {
    const words = ['--API_KEY', given[0]!, `--DSN=${given[3]}`, `--CLIENT.auth.authToken=${given[1]}`];
    const shown =
      project.comex(['run', MAIN, '--dry-run', ...words]).stdout +
      project.comex(['run', MAIN, '--dry-run', '--json', ...words]).stdout +
      project.comex(['run', MAIN, '--help']).stdout;
    expect(shown).toContain('API_KEY');
    for (const secret of given) expect(shown).not.toContain(secret);
    const quiet = new TestProject({ [MAIN]: `export const API_KEY = '';\nexport default () => 1;` });
    const panels = quiet.comex(['run', MAIN, '--API_KEY', given[0]!]);
    expect(panels.stdout).toContain('API_KEY');
    expect(panels.stdout + panels.stderr).not.toContain(given[0]);
  });
});

describe('a parameter that has no form on disk', () => {
  it('because it is too deep does not keep a run from being recorded', () => {
    const { run } = new TestProject({
      [MAIN]:
        'export const DEEP: any = Array.from({ length: 998 }).reduce((inner: any) => ({ inner }), 1);\nexport default () => typeof DEEP;',
    }).run(MAIN);
    expect([run.status, run.result]).toEqual(['done', 'object']);
  });

  it('because it contains itself does not keep a run from being recorded', () => {
    const { run } = new TestProject({
      [MAIN]:
        'const loop: any = { a: 1 };\nloop.self = loop;\nexport const LOOP: any = loop;\nexport default () => LOOP.self.self.a;',
    }).run(MAIN);
    expect([run.status, run.result]).toEqual(['done', 1]);
    expect(run.meta.parameters['LOOP']?.value).toEqual({ $text: '[object Object]' });
  });
});
