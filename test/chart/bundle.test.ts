import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'esbuild';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { renderChart, seriesChart } from '../../src/chart/index.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const { chartsPlugin, patchBase }: { chartsPlugin(): Plugin; patchBase(source: string): string } = await import(
  new URL('../../scripts/bundle-charts.mjs', import.meta.url).href
);

/** An installed package: the bundle, and of node_modules only the prebuilt canvas. */
let installed: string;

beforeAll(async () => {
  installed = mkdtempSync(join(tmpdir(), 'comex-chart-'));
  await build({
    entryPoints: { chart: join(root, 'src/chart/index.ts') },
    outdir: join(installed, 'dist'),
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    external: ['@napi-rs/canvas'],
    plugins: [chartsPlugin()],
    logLevel: 'silent',
  });
  mkdirSync(join(installed, 'node_modules'));
  symlinkSync(join(root, 'node_modules/@napi-rs'), join(installed, 'node_modules/@napi-rs'), 'junction');
  writeFileSync(join(installed, 'package.json'), '{"type":"module"}');
});

afterAll(() => rmSync(installed, { recursive: true, force: true }));

function run(code: string, env: NodeJS.ProcessEnv = {}): string {
  writeFileSync(join(installed, 'main.js'), `import { renderChart, seriesChart } from './dist/chart.js';\n${code}`);
  return execFileSync(process.execPath, ['main.js'], {
    cwd: installed,
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
}

describe('the bundle', () => {
  test('draws without chart.js, chartjs-node-canvas, canvas or any font installed, and as the source does', async () => {
    run(
      `import { writeFileSync } from 'node:fs';
      const points = { name: 'Größe Ω', steps: Float64Array.of(0, 1), values: Float64Array.of(1, 2) };
      writeFileSync('chart.png', await renderChart(seriesChart([points], { title: 'Δx ≤ ∞' })));`,
      { DISABLE_SYSTEM_FONTS_LOAD: '1' },
    );
    const points = { name: 'Größe Ω', steps: Float64Array.of(0, 1), values: Float64Array.of(1, 2) };
    const here = await renderChart(seriesChart([points], { title: 'Δx ≤ ∞' }));
    expect(readFileSync(join(installed, 'chart.png')).equals(here)).toBe(true);
  });

  test('brings the licences of the font and of the libraries', () => {
    expect(readFileSync(join(installed, 'dist/assets/fonts/Inter-LICENSE.txt'), 'utf8')).toContain(
      'SIL OPEN FONT LICENSE',
    );
    const licenses = readFileSync(join(installed, 'dist/assets/charts-licenses.txt'), 'utf8');
    for (const library of ['chart.js', '@kurkle/color', 'chartjs-node-canvas']) expect(licenses).toContain(library);
  });

  test('loads neither Chart.js nor the canvas before the first picture', () => {
    const entry = readFileSync(join(installed, 'dist/chart.js'), 'utf8');
    expect(entry.length).toBeLessThan(60_000);
    expect(entry).not.toContain('@napi-rs/canvas');
  });

  test('says clearly that charts cannot be drawn where the prebuilt canvas does not load', () => {
    const message = run(
      `const chart = { type: 'bar', data: { datasets: [] } };
      await renderChart(chart).catch((error) => console.log(error.code, error.message));
      await new Promise((resolve) => setTimeout(resolve, 20));
      console.log('the process goes on');`,
      { NAPI_RS_NATIVE_LIBRARY_PATH: join(installed, 'missing.node') },
    );
    expect(message).toMatch(/^E_CHART Charts cannot be drawn on this \w+-\w+ machine: .+ Install comex again/);
    expect(message).toContain('the process goes on');
  });

  test('keeps its memory while it draws many large pictures', () => {
    const megabytes = run(
      `const chart = { type: 'bar', data: { labels: ['a'], datasets: [{ data: [1] }] } };
      for (let i = 0; i < 40; i++) await renderChart(chart, { width: 2000, height: 1500 });
      console.log(process.resourceUsage().maxRSS / 1024);`,
    );
    expect(Number(megabytes)).toBeLessThan(350);
  });
});

test('the build fails when chartjs-node-canvas has changed where it is patched', () => {
  const source = readFileSync(join(root, 'node_modules/chartjs-node-canvas/dist/chartJSNodeCanvasBase.js'), 'utf8');
  expect(patchBase(source)).not.toContain("'canvas'");
  expect(() => patchBase(source.replace("('canvas')", "('other')"))).toThrow('adapt scripts/bundle-charts.mjs');
  expect(() => patchBase(source + source)).toThrow('found it 2 times');
});
