import { cpSync, readFileSync, renameSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadRun } from '../../src/archive/load.ts';
import { PACKAGE } from '../project.ts';
import { InstalledProject, readJson } from './installed-project.ts';
import { COMPOSED, LOOSE, NOISE, TYPED } from './sources.ts';

interface Manifest {
  readonly bin: { readonly comex: string };
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
}

let project: InstalledProject;
let packages: string[];

beforeAll(() => {
  project = new InstalledProject();
  packages = project.packages();
}, 180_000);

afterAll(() => project?.remove());

describe('the packed package', () => {
  it('holds the program, its types, fonts and licences, and nothing else', () => {
    const expected = /^(package\.json|README\.md|LICENSE|CHANGELOG\.md|dist\/[\w-]+\.js|dist\/types\/[\w/-]+\.d\.ts)$/;
    const others = project.packageFiles().filter((path) => !expected.test(path));
    expect(others).toEqual([
      'dist/assets/charts-licenses.txt',
      'dist/assets/fonts/Inter-LICENSE.txt',
      'dist/assets/fonts/Inter-Regular.woff2',
      'dist/assets/fonts/Inter-SemiBold.woff2',
      'dist/licenses.txt',
    ]);
    expect(statSync(project.tarball).size).toBeLessThan(1_000_000);
  });

  it('brings few packages, and none that compiles a canvas', () => {
    expect(packages.length).toBeLessThanOrEqual(16);
    expect(packages).not.toContain('canvas');
    expect(packages).not.toContain('chartjs-node-canvas');
    expect(packages).toContain('@napi-rs/canvas');
  });

  it('has files behind all its entries, with types before code', () => {
    const home = join(project.root, 'node_modules/comex');
    const { exports, bin } = readJson<Manifest>(home, 'package.json');
    expect(Object.keys(exports)).toEqual(['.', './archive', './chart', './package.json']);
    for (const targets of Object.values(exports)) {
      if (typeof targets === 'string') continue;
      expect(Object.keys(targets)).toEqual(['types', 'default']);
      for (const path of Object.values(targets)) expect(statSync(join(home, path)).isFile()).toBe(true);
    }
    expect(readFileSync(join(home, bin.comex), 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
    expect(statSync(join(home, bin.comex)).mode & 0o111).toBe(0o111);
  });

  it('can be imported and required', () => {
    const shown = 'console.log(typeof a.loadRun, typeof b.scanRuns, typeof c.renderChart, typeof a.runExperiment)';
    const imported = `const [a, b, c] = await Promise.all(['comex', 'comex/archive', 'comex/chart'].map((name) => import(name))); ${shown}`;
    const required = `const [a, b, c] = ['comex', 'comex/archive', 'comex/chart'].map((name) => require(name)); ${shown}`;
    for (const [type, code] of Object.entries({ module: imported, commonjs: required })) {
      const { stdout, stderr } = project.run('node', [`--input-type=${type}`, '-e', code]);
      expect(stdout, stderr).toBe('function function function function\n');
    }
  });

  it('runs the quickstart in a project that npm made, and lists the run', async () => {
    project.write({ 'experiments/quickstart.ts': readFileSync(join(PACKAGE, 'experiments/quickstart.ts'), 'utf8') });
    const { status, stdout, stderr } = project.run('npx', ['comex', 'run', 'experiments/quickstart.ts']);
    expect(status, stderr).toBe(0);
    expect(stdout).toContain('results/recovered');
    const listed = JSON.parse(project.run('npx', ['comex', 'list', '--json']).stdout) as [
      { path: string; status: string },
    ];
    expect(listed).toMatchObject([{ namespace: 'quickstart', status: 'done' }]);
    // The title of the figure stands in the topmost band, above the legend.
    expect(await inkIn(join(listed[0].path, 'fit.png'), 60)).toBeGreaterThan(300);
  });
});

describe('its types', () => {
  const compilers = { 'TypeScript 5.9': 'typescript-5', 'TypeScript 7': 'typescript-7' };
  const options = { strict: true, noEmit: true, skipLibCheck: false, target: 'ES2023', lib: ['ES2023'], types: [] };
  const module = { ...options, allowImportingTsExtensions: true };
  const ways = {
    'with module NodeNext': { compilerOptions: { ...module, module: 'NodeNext' } },
    'with a bundler': { compilerOptions: { ...module, module: 'ESNext', moduleResolution: 'Bundler' } },
    'without a tsconfig': undefined,
    'without a tsconfig, strict': undefined,
  };

  beforeAll(() => {
    project.install('--no-save', 'typescript-5@npm:typescript@5.9.3', 'typescript-7@npm:typescript@7.0.2');
    project.write({ 'experiments/typed.ts': TYPED });
    for (const name of COMPOSED) cpSync(join(PACKAGE, 'test/types', name), join(project.root, 'experiments', name));
  }, 120_000);

  for (const [compiler, name] of Object.entries(compilers)) {
    it.for(Object.entries(ways))(`hold under ${compiler} %s, and find mistakes`, ([way, config]) => {
      const files = ['typed.ts', ...COMPOSED].map((each) => `experiments/${each}`);
      const words = ['--noEmit', ...files, ...(way.endsWith('strict') ? ['--strict'] : [])];
      if (config !== undefined) project.write({ 'types.json': JSON.stringify({ ...config, files }) });
      const { status, stdout } = project.run('node', [
        join(project.root, 'node_modules', name, 'bin/tsc'),
        ...(config === undefined ? words : ['-p', 'types.json']),
      ]);
      expect(stdout).toBe('');
      expect(status).toBe(0);
    });
  }
});

describe('a snapshot', () => {
  it('runs alone, elsewhere, with the same parameters and the same results', () => {
    project.write(NOISE);
    const away = project.folderBeside('away');
    cpSync(project.experiment(['noise', '--RATE', '3', '--MODEL.layers.depth', '5']), away, { recursive: true });
    const original = loadRun(away);
    renameSync(project.root, `${project.root}-gone`);
    try {
      const installed = project.run('npm', ['ci', '--prefer-offline', '--no-audit', '--no-fund'], join(away, 'code'));
      expect(installed.status, installed.stderr).toBe(0);
      const after = project.experiment(['experiments/noise.ts', '--from', '..'], join(away, 'code'));
      expect(after.startsWith(join(away, 'code/results'))).toBe(true);
      const again = loadRun(after);
      const { __SEED__: seed, ...parameters } = again.parameters;
      expect({ __SEED__: null, ...parameters }).toEqual(original.parameters);
      expect(parameters).toMatchObject({ RATE: 3, TWICE: 6, MODEL: { hidden: 8, layers: { depth: 5, kind: 'mlp' } } });
      expect(seed).toBe(original.meta.seed?.value);
      expect(again.result).toEqual(original.result);
      expect(again.data).toEqual(original.data);
      expect(again.data).toMatchObject({ results: { sum: 121 } });
      expect(again.series('noise')?.values).toEqual(original.series('noise')?.values);
      expect(again.meta.snapshot?.hash).toBe(original.meta.snapshot?.hash);
      expect(again.meta.inputs).toEqual(original.meta.inputs);
    } finally {
      renameSync(`${project.root}-gone`, project.root);
    }
  });

  it('says in the metadata what it does not hold', () => {
    project.write(LOOSE);
    const { snapshot } = loadRun(project.experiment(['loose'])).meta;
    expect(snapshot?.files).toEqual(['experiments/lib/double.ts', 'experiments/loose.ts']);
    expect(snapshot?.skipped).toEqual([
      { path: 'data/offset.txt', reason: expect.stringContaining('not copied') },
      { path: 'experiments/loose.ts:8', reason: expect.stringContaining('computed import') },
    ]);
  });
});

/** The number of dark pixels in the topmost rows of a picture. */
async function inkIn(path: string, rows: number): Promise<number> {
  const { createCanvas, loadImage } = createRequire(join(project.root, 'package.json'))(
    '@napi-rs/canvas',
  ) as typeof import('@napi-rs/canvas');
  const image = await loadImage(readFileSync(path));
  const context = createCanvas(image.width, rows).getContext('2d');
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, image.width, rows);
  let dark = 0;
  for (let i = 0; i < data.length; i += 4) if (data[i]! + data[i + 1]! + data[i + 2]! < 600) dark += 1;
  return dark;
}
