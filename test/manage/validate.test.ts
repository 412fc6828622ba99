// biome-ignore-all lint/suspicious/noTemplateCurlyInString: as YAML experiments have it
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isComexError } from '../../src/errors.ts';
import { runExperiment } from '../../src/executor/inline.ts';
import { validate } from '../../src/manage/validate.ts';
import type { Problem } from '../../src/manage/validate-problems.ts';
import { TestProject } from '../project.ts';

const BASE = `/** The base. */
import type { Experiment } from 'comex';
type Self = typeof import('./base.ts');
export const RATE = 0.1;
export const MODE: 'sgd' | 'adam' = 'sgd';
export const MODEL: { kind: 'mlp'; hidden: number } | { kind: 'cnn'; channels: number[] } = { kind: 'mlp', hidden: 8 };
export default async function experiment(e: Experiment<Self>) {
  await e.applyHook('after_epoch', { epoch: 1 });
  throw new Error('it was run');
}\n`;
const child = (text: string): string =>
  `import { extend, inherit } from 'comex';\n${text}\nexport default extend('./base.ts');\n`;
const yaml = (parameters: string): string => `extend: ./base.ts\nparameters:\n${parameters}`;

function validated(project: TestProject, words: readonly string[] = [], env: Record<string, string> = {}) {
  const { status, stdout, stderr } = project.comex(['validate', '--json', ...words], { env });
  expect(stderr).toBe('');
  return { status, problems: JSON.parse(stdout) as Problem[] };
}

/** `experiments/a.ts:3:1 error E_X sentence` without the folder. */
function linesOf(problems: readonly Problem[]): string[] {
  return problems.map(
    ({ file, line, column, severity, code, message }) =>
      `${file.replace('experiments/', '')}:${line}:${column} ${severity} ${code} ${message}`,
  );
}

describe('comex validate', () => {
  it('finds all problems of a chain at once, each at its place, with the nearest name, sorted by file and line', () => {
    const project = new TestProject({
      'experiments/base.ts': BASE,
      'experiments/child.ts': child(
        "export const RATE = 'fast';\nexport const MODE = 'adm';\nexport const { A, B } = { A: 1, B: 2 };\nRATE = 2;\nexport const hooks = { after_epok() {} };",
      ),
      'experiments/top.yml':
        'extend: ./child.ts\ntag: x\nparameters:\n  RATE: slow\n  MODEL: { kind: mlp, hiden: 3 }\n  MODEL.hidden.x: 2\n  __DEBUG__: 3\n',
    });
    const { status, problems } = validated(project, ['top', 'child']);
    expect(status).toBe(1);
    expect(linesOf(problems)).toEqual([
      expect.stringMatching(
        /^child\.ts:2:1 error E_PARAMETER_TYPE Expected RATE to be number, as experiments\/base\.ts:4 declares it, got /,
      ),
      expect.stringContaining("child.ts:3:1 error E_PARAMETER_TYPE Expected MODE to be 'sgd' | 'adam'"),
      expect.stringMatching(
        /^child\.ts:4:1 error E_PARAMETER Expected the parameter A .* got a destructuring declaration/,
      ),
      expect.stringMatching(/^child\.ts:4:1 error E_PARAMETER Expected the parameter B /),
      expect.stringMatching(/^child\.ts:5:1 error E_PARAMETER Expected no assignment to the parameter RATE/),
      'top.yml:2:1 error E_CONFIG Expected a key of an experiment, got "tag". Did you mean "tags"?',
      expect.stringMatching(
        /^top\.yml:4:3 error E_PARAMETER_TYPE Wrong value for RATE: expected number, got string "slow"/,
      ),
      expect.stringContaining('top.yml:5:23 error E_PARAMETER_NAME Expected a field of MODEL'),
      expect.stringContaining('top.yml:6:3 error E_PARAMETER_TYPE Wrong value for MODEL.hidden'),
      expect.stringMatching(/^top\.yml:7:3 error E_PARAMETER_TYPE Wrong value for __DEBUG__/),
    ]);
  });

  it('finds two wrong types in a child, and wrong and unknown values in a YAML on top, in one go', () => {
    const project = new TestProject({
      'experiments/base.ts': BASE,
      'experiments/child.ts': child(
        "export const RATE = 'fast';\nexport const MODE = 3;\nexport const hooks = { after_epok() {} };",
      ),
      'experiments/top.yml': 'extend: ./child.ts\nparameters:\n  RTE: 1\n  MODEL: { kind: mlp, hiden: 3 }\n',
    });
    const places = validated(project, ['top.yml']).problems.map(({ file, line, code }) => `${file}:${line} ${code}`);
    expect(places).toEqual([
      'experiments/child.ts:2 E_PARAMETER_TYPE',
      'experiments/child.ts:3 E_PARAMETER_TYPE',
      'experiments/child.ts:4 E_EXPERIMENT',
      'experiments/top.yml:3 E_PARAMETER_NAME',
      'experiments/top.yml:4 E_PARAMETER_NAME',
    ]);
  });

  it('runs nothing, and makes no folder', () => {
    const project = new TestProject({ 'experiments/base.ts': `${BASE}\nconsole.log('loaded');\nprocess.exit(7);\n` });
    const { status, stdout } = project.comex(['validate']);
    expect({ status, stdout }).toEqual({ status: 0, stdout: '1 file: 1 passed\n' });
    expect(project.runs('base')).toEqual([]);
  });

  it('checks all below experiments/ when no FILE is named, mixins and templates too, and passes over helpers', () => {
    const project = new TestProject({
      'experiments/base.ts': BASE,
      'experiments/base/images.ts':
        'export const size = 3;\nexport const { WIDTH, HEIGHT } = { WIDTH: 1, HEIGHT: 2 };\n',
      'experiments/mixins/log.ts':
        'export const { LEVEL } = { LEVEL: 1 };\nexport const hooks = { after_epoch() {} };\n',
      'experiments/templates/net.ts': `${BASE.replace('base.ts', 'old.ts')}`,
      'experiments/data/some.yml': 'a: 1\n',
    });
    const { problems } = validated(project);
    expect(problems.map(({ file }) => file)).toEqual(['experiments/mixins/log.ts', 'experiments/templates/net.ts']);
    expect(project.comex(['validate']).stdout).toMatch(/\n3 files: 1 passed, 2 failed \(2 errors\)\n$/);
    const helper = validated(project, ['experiments/base/images.ts']);
    expect(helper.problems.map(({ message }) => message).join()).toContain('Expected a default export');
  });

  it('tells of types of another file, copies, hooks that nothing applies, and unset environment variables', () => {
    const project = new TestProject({
      'experiments/base.ts': `${BASE}const doubled = RATE * 2;\n`,
      'experiments/other.ts': BASE.replace('base.ts', 'other.ts'),
      'experiments/child.ts': `import { extend } from 'comex';
type Self = typeof import('./old.ts');
type Parent = typeof import('./other.ts');
export const hooks = { completely_else() {} };
export default extend<Parent, Self>('./base.ts');\n`,
      'experiments/env.yml': yaml(
        '  RATE: ${NOT_SET_ANYWHERE}\n  MODE: ${ALSO_NOT:-sgd}\n  RTE: ${NOT_SET_ANYWHERE}\n',
      ),
    });
    const { status, problems } = validated(project);
    expect(status).toBe(1);
    expect(linesOf(problems)).toEqual([
      'base.ts:11:1 warning E_PARAMETER doubled is computed from RATE when the module is loaded, and keeps its value when testing() or e.RATE = … changes that. Compute it in a function.',
      'child.ts:2:1 error E_EXPERIMENT Expected Self to be the type of this file, got that of "./old.ts". Write typeof import(\'./child.ts\').',
      'child.ts:3:1 error E_EXPERIMENT Expected the type of extend("./base.ts") to be that of the file it names, got that of "./other.ts". Write typeof import(\'./base.ts\').',
      expect.stringMatching(/^child\.ts:4:1 warning E_EXPERIMENT The hook "completely_else" is applied by no code/),
      expect.stringMatching(
        /^env\.yml:3:9 warning E_CONFIG Expected the environment variable NOT_SET_ANYWHERE to be set/,
      ),
      expect.stringMatching(/^env\.yml:5:1 error E_PARAMETER_NAME .*Did you mean "RATE"/),
      expect.stringMatching(/^env\.yml:5:8 warning E_CONFIG /),
    ]);
    const set = validated(project, ['env'], { NOT_SET_ANYWHERE: 'fast' }).problems;
    expect(set.map(({ line, severity }) => `${line} ${severity}`)).toEqual(['11 warning', '3 error', '5 error']);
  });

  it('says nothing of the hooks of a mixin by itself, and all else that is wrong with it', () => {
    const project = new TestProject({
      'experiments/mixins/log.ts': 'export const LEVEL = 1;\nexport const hooks = { anything() {} };\n',
      'experiments/mixins/main.ts': 'export const hooks = {};\nexport const testing = () => {};\n',
      'experiments/mixins/more.ts': "export const include = './lgo.ts';\nexport const __DEBG__ = 1;\n",
    });
    expect(linesOf(validated(project).problems)).toEqual([
      expect.stringMatching(/^mixins\/main\.ts:1:1 error E_EXPERIMENT Expected a mixin, .* has the export "testing"/),
      expect.stringMatching(/^mixins\/more\.ts:1:1 error E_EXPERIMENT .*Did you mean "log\.ts"/),
      expect.stringMatching(/^mixins\/more\.ts:2:1 error E_PARAMETER __DEBG__ .*"__DEBUG__"/),
    ]);
  });

  it('fails on warnings only with --strict', () => {
    const project = new TestProject({ 'experiments/base.ts': `${BASE}const doubled = RATE * 2;\n` });
    const lenient = project.comex(['validate']);
    expect(lenient.stdout).toMatch(
      /^experiments\/base\.ts:11:1: warning: .*\(E_PARAMETER\)\n1 file: 1 passed \(1 warning\)\n$/,
    );
    expect(lenient.status).toBe(0);
    const strict = project.comex(['validate', '--strict']);
    expect(strict.stdout).toMatch(/\n1 file: 1 failed \(1 warning\)\n$/);
    expect(strict.status).toBe(1);
  });

  it('counts a problem that files have in common once, and fails each of them', () => {
    const project = new TestProject({
      'experiments/base.ts': BASE.replace("'./base.ts'", "'./old.ts'"),
      'experiments/a.yml': 'extend: ./base.ts\n',
      'experiments/b.ts': child(''),
    });
    const { stdout, status } = project.comex(['validate']);
    expect(stdout.trim().split('\n')).toEqual([
      expect.stringContaining('experiments/base.ts:3:1: error: '),
      '3 files: 3 failed (1 error)',
    ]);
    expect(status).toBe(1);
  });

  it('takes a file that is not there, a folder, and a file of another kind for files that fail', () => {
    const project = new TestProject({ 'experiments/base.ts': BASE, 'notes.txt': '' });
    mkdirSync(join(project.root, 'folder'));
    const { status, problems } = validated(project, ['experiments/bse.ts', 'folder', 'notes.txt', 'base']);
    expect(status).toBe(1);
    expect(linesOf(problems)).toEqual([
      expect.stringMatching(/^bse\.ts:1:1 error E_FILE .*Did you mean "base"/),
      expect.stringMatching(/^folder:1:1 error E_FILE .*got the folder folder/),
      expect.stringMatching(/^notes\.txt:1:1 error E_FILE Expected FILE to be a module/),
    ]);
    expect(project.comex(['validate', 'base', 'folder']).stdout).toMatch(/2 files: 1 passed, 1 failed \(1 error\)\n$/);
  });

  it('is told wrong usage by exit status 2', () => {
    const project = new TestProject({});
    const none = project.comex(['validate']);
    expect([none.status, none.stdout]).toEqual([2, '']);
    expect(none.stderr).toContain('Expected experiments below experiments/, found none.');
    expect(project.comex(['validate', '--nonsense']).status).toBe(2);
  });

  it('names a configuration of the project that cannot be read, once', () => {
    const project = new TestProject({
      'experiments/base.ts': BASE,
      'experiments/a.ts': child(''),
      'comex.config.json': '{',
    });
    const { problems } = validated(project);
    expect(problems.map(({ file, code }) => [file, code])).toEqual([['comex.config.json', 'E_FILE']]);
  });

  it('says no more of a YAML that cannot be read, but goes on with the other files', () => {
    const project = new TestProject({
      'experiments/base.ts': BASE,
      'experiments/a.yml': 'extend: ./base.ts\nparameters: { RATE: [1 }\nRTE: 2\n',
      'experiments/b.yml': '',
      'experiments/c.yml': 'parameters: { RTE: 1 }\n',
      'experiments/d.yml': yaml('  RTE: 1\n'),
    });
    expect(validated(project).problems.map(({ file, line, code }) => `${file} ${line} ${code}`)).toEqual([
      'experiments/a.yml 2 E_CONFIG',
      'experiments/b.yml 1 E_CONFIG',
      'experiments/c.yml 1 E_CONFIG',
      'experiments/d.yml 3 E_PARAMETER_NAME',
    ]);
  });
});

/** By name: what a run refuses, and what it does not. */
const BAD: Readonly<Record<string, string>> = {
  'syntax.ts': 'export default () => {\n',
  'none.ts': 'export const A = 1;\n',
  'destructured.ts': 'export const { A } = { A: 1 };\nexport default () => 0;\n',
  'assigned.ts': 'export let A = 1;\nexport default () => { A = 2; };\n',
  'reexport.ts': "export { RATE } from './base.ts';\nexport default () => 0;\n",
  'star.ts': "export * from './base.ts';\nexport default () => 0;\n",
  'special.ts': 'export const __DEBG__ = true;\nexport default () => 0;\n',
  'special-type.ts': 'export const __DEBUG__ = 3;\nexport default () => 0;\n',
  'special-name.ts': "export const __NAMESPACE__ = 'a:b';\nexport default () => 0;\n",
  'prefix.ts': "export const __PREFIX__ = '../x';\nexport default () => 0;\n",
  'import.ts': "import { a } from './gone.ts';\nexport default () => a;\n",
  'imports-broken.ts': "import { a } from './syntax.ts';\nexport default () => a;\n",
  'type.ts': child("export const RATE = 'fast';"),
  'misplaced.ts': child('const x = inherit();'),
  'inherit.ts': child('export const RTE = inherit();'),
  'branch.ts': child("export const MODEL = { kind: 'cnn', hidden: 3 };"),
  'hook.ts': child('export const hooks = { after_epok() {} };'),
  'no-parent.ts': "import { extend } from 'comex';\nexport default extend('./bse.ts');\n",
  'computed.ts': "import { extend } from 'comex';\nconst p = './base.ts';\nexport default extend(p + '');\n",
  'circle.ts': "import { extend } from 'comex';\nexport default extend('./circle2.ts');\n",
  'circle2.ts': "import { extend } from 'comex';\nexport default extend('./circle.ts');\n",
  'of-bad.ts': "import { extend } from 'comex';\nexport default extend('./none.ts');\n",
  'include.ts': child("export const include = ['./mixins/gone.ts'];"),
  'include-main.ts': child("export const include = ['./good.ts'];"),
  'include-self.ts': child("export const include = './base.ts';"),
  'empty.yml': '',
  'list.yml': '- a\n',
  'no-extend.yml': 'parameters: {}\n',
  'key.yml': 'extend: ./base.ts\nextends: x\n',
  'typo.yml': yaml('  RTE: 1\n'),
  'value.yml': yaml('  RATE: fast\n'),
  'choice.yml': yaml('  MODE: adm\n'),
  'field.yml': yaml('  MODEL: { kind: cnn, hidden: 2 }\n'),
  'other-branch.yml': yaml('  MODEL: { channels: [1] }\n'),
  'gone.yml': 'extend: ./bse.ts\n',
  'wrong-kind.yml': 'extend: ../package.json\n',
  'include.yml': 'extend: ./base.ts\ninclude: ./mixins/gone.ts\n',
  'include.main.yml': 'extend: ./base.ts\ninclude: [./good.ts]\n',
  'circle.yml': 'extend: ./circle.yml\n',
  'name.yml': 'extend: ./base.ts\nname: a/b\n',
  'namespace.yml': 'extend: ./base.ts\nnamespace: ../x\n',
  'prefix.yml': yaml('  __PREFIX__: a/b\n'),
  'of-bad.yml': 'extend: ./type.ts\n',
};
const GOOD: Readonly<Record<string, string>> = {
  'base.ts': BASE,
  'good.ts': BASE.replace('base.ts', 'good.ts'),
  'plain.js': 'export const N = 1;\nexport default () => N;\n',
  'required.ts': 'export let SEED: number;\nexport default () => SEED;\n',
  'derived.ts': child('export const RATE = inherit((x) => x * 2);\nexport const STEPS = RATE * 100;'),
  'fields.ts': child("export const MODEL = { hidden: 3 };\nexport const include = ['./mixins/log.ts'];"),
  'hooks.ts': child('export const hooks = { after_epoch() {}, before_run() {} };'),
  'deep/value.yml': 'extend: ../base.ts\nparameters:\n  RATE: 1\n  MODEL: { kind: cnn, channels: [1, 2] }\n',
  'deep/deeper.yml': 'extend: ./value.yml\ninclude: ../mixins/log.ts\nname: x\nparameters: { LEVEL: 3, __SEED__: 1 }\n',
};

describe('the runner and the validator', () => {
  const at = (files: Readonly<Record<string, string>>): Record<string, string> =>
    Object.fromEntries(Object.entries(files).map(([name, text]) => [`experiments/${name}`, text]));
  const project = new TestProject({
    ...at(BAD),
    ...at(GOOD),
    'experiments/mixins/log.ts': 'export const LEVEL = 1;\nexport const hooks = { after_epoch() {} };\n',
  });

  it('refuse the same files for the same reasons, before anything of them is run', async () => {
    for (const name of Object.keys(BAD)) {
      const path = join(project.root, 'experiments', name);
      const refused: unknown = await runExperiment(path).then(
        () => undefined,
        (error: unknown) => error,
      );
      expect(isComexError(refused) ? refused.code : refused, name).toMatch(/^E_/);
      const { problems, files } = await validate([path], process.cwd());
      expect(files[0]?.errors, name).toBeGreaterThan(0);
      // What stopped the run is among what the validator says.
      const sentence = (refused as Error).message.replace(/^[^ ]+?:\d+(?::\d+)?: /, '');
      expect(problems.map(({ message }) => message)).toContain(sentence);
    }
    expect(existsSync(join(project.root, 'results'))).toBe(false);
  });

  it('let the same files pass, whatever the working directory', () => {
    const cwd = join(project.root, 'experiments/deep');
    const names = Object.keys(GOOD).map((name) => `../${name}`);
    const { stdout } = project.comex(['validate', ...names], { cwd });
    expect(stdout).toBe(`${names.length} files: ${names.length} passed\n`);
    for (const name of names) {
      const given = name === '../required.ts' ? ['--SEED', '1'] : [];
      const { status, stderr } = project.comex(['run', name, '--dry-run', ...given], { cwd });
      expect({ name, status, stderr }).toEqual({ name, status: 0, stderr: '' });
    }
  });
});

describe('the rules of harvests', () => {
  it('are checked in the configuration and where the source of an experiment tells them, all at once', () => {
    const rules = "{ 'a/b': { csv: 'a.csv', colum: 'x' }, 'a//c': { match: '(x)' }, 'a/d': { match: `(${WORD})` } }";
    const project = new TestProject({
      'experiments/base.ts': BASE,
      'experiments/child.ts': child(`const WORD = 'x(';\nexport const harvest = ${rules};`),
      'experiments/computed.ts': child('export const harvest = Object.fromEntries([[1, 2]]);'),
      'comex.config.json': JSON.stringify({ harvest: { x: { match: 'x' }, y: 1, z: { match: '(z)' } } }),
    });
    const lines = linesOf(validated(project).problems);
    expect(lines).toEqual([
      expect.stringMatching(
        /^comex\.config\.json:1:1 error E_HARVEST comex\.config\.json "harvest\.x\.match": Expected /,
      ),
      expect.stringMatching(
        /^comex\.config\.json:1:1 error E_HARVEST comex\.config\.json "harvest\.y": Expected a rule/,
      ),
      expect.stringMatching(/^child\.ts:3:\d+ error E_HARVEST "harvest\.a\/b\.colum": Expected a field/),
      expect.stringMatching(/^child\.ts:3:\d+ error E_HARVEST "harvest\.a\/\/c": Expected the path of a datum/),
      expect.stringMatching(/^child\.ts:3:\d+ error E_HARVEST "harvest\.a\/d\.match": Expected a regular expression/),
    ]);
  });
});
