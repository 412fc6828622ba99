// biome-ignore-all lint/suspicious/noTemplateCurlyInString: environment variables in YAML look like that
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { TestProject } from '../project.ts';
import { strictErrors } from './compile.ts';
import { KINDS } from './kinds.ts';
import { HOSTILE, make, refused, TEMPLATES } from './making.ts';

/** A module with its comments taken off: what it says of its parent becomes code. */
function opened(text: string): string {
  return text
    .split('\n')
    .filter((line) => !/^\/\/ (More|Hooks) .*:$/.test(line))
    .map((line) => line.replace(/^\/\/ ?/, ''))
    .join('\n');
}

/** The same of a YAML experiment. */
function openedConfig(text: string): string {
  let isValue = false;
  const lines = text.split('\n').map((line) => {
    if (/^ {2}# [A-Z_]+:/.test(line)) isValue = true;
    else if (!line.startsWith('  #')) isValue = false;
    return isValue ? line.replace('# ', '') : line;
  });
  return lines.join('\n');
}

/** The parameters in force by name, as a run keeps them. */
function values(project: TestProject, file: string, words: string[] = []): Record<string, unknown> {
  const { printed, run } = project.run(file, ['--NEEDED', 'x', ...words], { API_KEY: 'k' });
  expect(printed.status, printed.stderr).toBe(0);
  return run.parameters as Record<string, unknown>;
}

describe('everything that can be made', () => {
  const project = new TestProject(KINDS);
  const parent = 'experiments/deep/kinds.ts';
  const given = [
    ...['--TEXT', ' a: "b" # c ${HOME} $$\n- \'d\' */ `'],
    ...['--EMPTY', 'null', '--WORD', '', '--NUMBER', '-0', '--NOT_A_NUMBER', 'Infinity', '--INFINITE', 'NaN'],
    ...['--TINY', '1e-300', '--HUGE', '123456789012345680000', '--ZERO', '0x10', '--BIG', '-99999999999999999999n'],
    ...[
      '--SMALL_BIG',
      '7',
      '--WHEN',
      '2026-02-28',
      '--no-FLAG',
      '--LIST',
      '[NaN, -Infinity]',
      '--TEXTS',
      '["a: b", "", "~"]',
    ],
    ...[
      '--PAIR',
      "[2, 'it\\'s']",
      '--CHOICE',
      "it's",
      '--CHOICES',
      '["b", "a"]',
      '--LIMIT',
      '3',
      '--PERHAPS',
      'undefined?',
    ],
    ...['--MODEL.kind', 'cnn', '--MODEL.channels', '[4]', '--MODEL.size.1', '5', '--BLOCKS.0.act', 'tanh'],
    ...[
      '--RATES',
      '{"x y": 1, "__a": 2}',
      '--IMPORTED',
      '{"name": "n", "sizes": []}',
      '--STEPS',
      '7',
      '--ANYTHING',
      '[1, {a: null}]',
    ],
    ...['--NEEDED', 'yes', '--__PREFIX__', 'p', '--__SEED__', '3'],
  ];
  const whole = ['--MODEL', '{kind: "mlp", hidden: 3}', '--MODEL.depth', '2', '--IMPORTED.name', 'other'];
  const modules: string[] = [];

  it('is a module that runs with the values that were given, or with its parent’s', () => {
    const plain = values(project, parent);
    modules.push(make(project, 'child', '--extends', parent, '--ts', '--description', HOSTILE));
    modules.push(make(project, 'given.mts', '--extends', 'deep/kinds', '--ts', ...given));
    modules.push(make(project, 'deep/er/whole', '--extends', parent, '--ts', ...whole));
    modules.push(make(project, 'grandchild', '--extends', 'child', '--ts'));
    expect(values(project, 'child')).toEqual(plain);
    expect(values(project, 'grandchild')).toEqual(plain);
    const direct = values(project, parent, given);
    expect(values(project, 'given')).toEqual({ ...direct, NEEDED: 'x' });
    expect(values(project, 'deep/er/whole')).toEqual(values(project, parent, whole));
    for (const name of ['child', 'grandchild']) {
      const text = project.read(`experiments/${name}.ts`);
      expect(text).not.toContain('never-to-be-copied');
      project.write({ [`experiments/${name}-open.ts`]: opened(text).replace(`./${name}.ts`, `./${name}-open.ts`) });
      modules.push(`experiments/${name}-open.ts`);
      // A hook whose result matters has to be written first.
      expect(project.run(`${name}-open`, ['--NEEDED', 'x']).printed.stderr).toContain('Return here what');
      const { parameters } = project.run(`${name}-open`, ['--NEEDED', 'x', '--__TESTING__']).run;
      expect({ ...parameters, __TESTING__: false }).toEqual(plain);
    }
  });

  it('is YAML with the same values, and reads back', () => {
    make(project, 'plain-config', '--extends', parent);
    make(project, 'given-config', '--extends', parent, '--description', HOSTILE, '--tags', 'a b,$c, a b', ...given);
    make(project, 'sub/whole-config', '--extends', parent, ...whole);
    make(project, 'of-config', '--extends', 'given-config', '--NUMBER', '9');
    for (const name of ['plain-config', 'given-config', 'sub/whole-config', 'of-config']) {
      const { status, stderr } = project.comex(['run', name, '--dry-run', '--NEEDED', 'x']);
      expect(status, stderr).toBe(0);
    }
    const plain = values(project, parent);
    expect(values(project, 'plain-config')).toEqual(plain);
    expect(values(project, 'given-config')).toEqual({ ...values(project, parent, given), NEEDED: 'x' });
    expect(values(project, 'sub/whole-config')).toEqual(values(project, parent, whole));
    expect(values(project, 'of-config')['NUMBER']).toBe(9);
    expect(project.run('given-config', ['--NEEDED', 'x']).run.tags).toEqual(['a b', '$c']);
    const text = project.read('experiments/plain-config.yml');
    expect(text).not.toContain('never-to-be-copied');
    expect(text).toContain('# Must be given.\n  # Type: string\n  # NEEDED: ""\n');
    expect(text).toContain('# API_KEY: ${API_KEY}\n');
    const configured = openedConfig(text).replace(/^ {2}(TRANSFORM|TABLE|COMPUTED|PERHAPS):.*\n/gm, '');
    project.write({ 'experiments/open-config.yml': configured });
    expect(values(project, 'open-config')).toEqual(plain);
  });

  it('is a mixin that changes nothing but the log', () => {
    modules.push(make(project, 'alone', '--mixin', '--description', HOSTILE));
    modules.push(make(project, 'mixins/slack/of-kinds', '--mixin', '--extends', parent));
    expect(modules.slice(-2)).toEqual(['experiments/mixins/alone.ts', 'experiments/mixins/slack/of-kinds.ts']);
    const { run } = project.run(parent, ['--NEEDED', 'x', '--__INCLUDE__', modules.slice(-2).join(',')]);
    expect(run.result).toMatchObject({ rate: 0.1 });
    for (const line of ['begins:', 'ended: done', 'after_epoch 1 0.5', 'odd name {', 'undeclared {', 'bare {}'])
      expect(run.log()).toContain(line);
    const text = project.read(modules.at(-1)!);
    expect(text).toContain("  /** After each epoch. It's a doc. */\n  after_epoch(e, { epoch, loss }) {\n");
    expect(text).toContain('  // rate(e, { epoch }) {\n');
  });

  it('fits the types, as strictly as can be', () => {
    for (const template of TEMPLATES) modules.push(make(project, `t/${template}`, '--template', template));
    for (const template of TEMPLATES)
      modules.push(make(project, `of/${template}`, '--extends', `t/${template}`, '--ts'));
    for (const template of TEMPLATES)
      modules.push(make(project, `m-${template}`, '--extends', `t/${template}`, '--mixin'));
    expect(modules.length).toBe(20);
    expect(strictErrors(project, modules)).toEqual([]);
  });
});

describe('an experiment that extends another', () => {
  const base = {
    'experiments/base.ts':
      'export const LEARNING_RATE = 0.1;\nexport const MODE: "a" | "b" = "a";\nexport default () => LEARNING_RATE;\n',
  };

  it('is refused for a value that does not fit, as a run is', () => {
    const project = new TestProject(base);
    expect(refused(project, 'x', '--extends', 'base', '--LEARNING_RAT', '1')).toContain(
      'Did you mean "LEARNING_RATE"?',
    );
    expect(refused(project, 'x', '--extends', 'base', '--LEARNING_RATE', 'ten')).toContain(
      'Expected --LEARNING_RATE to be a number, got "ten".',
    );
    expect(refused(project, 'x', '--extends', 'base', '--MODE', 'c')).toContain('Expected --MODE to be one of');
    expect(refused(project, 'x', '--extends', 'bse')).toContain('Did you mean "base"?');
    expect(refused(project, 'x', '--extends', '')).toContain('--extends');
  });

  it('keeps mixins that are given, and sees their parameters', () => {
    const project = new TestProject({
      ...base,
      'other/mixin.ts':
        "export const LEVEL = 1;\nexport const hooks = { before_run(e) { e.log('level', e.LEVEL); } };\n",
    });
    const words = ['--extends', 'base', '--__INCLUDE__', 'other/mixin.ts', '--LEVEL', '5'];
    make(project, 'a/config', ...words);
    const path = make(project, 'a/module', ...words, '--ts');
    for (const name of ['a/config', 'a/module']) expect(project.run(name).run.log()).toContain('level 5');
    expect(project.read('experiments/a/config.yml')).toContain('include: ../../other/mixin.ts\n');
    expect(strictErrors(project, [path])).toEqual([]);
  });

  it('of a JavaScript module works, untyped', () => {
    const project = new TestProject({
      'experiments/old.js':
        'export const SIZE = [1, "a"];\nexport default async (e) => { await e.applyHook("done", { size: 1 }); };\n',
    });
    const paths = [
      make(project, 'new', '--extends', 'old', '--ts', '--SIZE', '[2]'),
      make(project, 'm', '--extends', 'old', '--mixin'),
    ];
    const { run } = project.run('new', ['--__INCLUDE__', 'experiments/mixins/m.ts']);
    expect(run.parameters['SIZE']).toEqual([2]);
    expect(run.log()).toContain('done 1');
    expect(strictErrors(project, paths)).toEqual([]);
  });

  it('never holds a secret', () => {
    const project = new TestProject({
      'experiments/base.ts':
        "export const API_KEY = 'abc';\nexport const SERVICE = { url: '', password: '' };\nexport default () => 1;\n",
    });
    for (const words of [
      ['--API_KEY', 'hunter22'],
      ['--SERVICE.password', 'hunter22'],
    ]) {
      expect(refused(project, 'x', '--extends', 'base', ...words)).toContain('Expected no value for the secret');
    }
  });

  it('says what YAML does not hold', () => {
    const project = new TestProject({
      'experiments/base.ts':
        'export const EDGE: string | undefined = "a";\nexport const ID: number | bigint = 1;\nexport const DAY: string | Date = "x";\nexport default () => 1;\n',
    });
    for (const [name, text] of [
      ['EDGE', 'undefined'],
      ['ID', '5n'],
      ['DAY', '2026-01-31'],
    ] as const) {
      expect(refused(project, 'x', '--extends', 'base', `--${name}`, text)).toContain('--ts.');
      make(project, `m-${name}`, '--extends', 'base', '--ts', `--${name}`, text);
    }
    expect(project.run('m-ID').run.parameters['ID']).toBe(5n);
    expect(project.run('m-DAY').run.parameters['DAY']).toEqual(new Date('2026-01-31'));
  });

  it('names its parent rightly where experiments/ is a link', () => {
    const project = new TestProject({ 'elsewhere/deep/here/.keep': '', 'lib/base.ts': base['experiments/base.ts'] });
    symlinkSync(join(project.root, 'elsewhere/deep/here'), join(project.root, 'experiments'));
    make(project, 'x', '--extends', 'lib/base.ts', '--LEARNING_RATE', '5');
    expect(project.read('elsewhere/deep/here/x.yml')).toContain('extend: ../../../lib/base.ts');
    expect(project.run('experiments/x.yml').run.result).toBe(5);
  });

  it('tells what a run of it must be given', () => {
    const project = new TestProject({ 'experiments/base.ts': 'export let DATA: string;\nexport default () => 1;\n' });
    expect(project.comex(['new', 'x', '--extends', 'base']).stdout).toContain('Run it: comex run x --DATA VALUE\n');
  });
});
