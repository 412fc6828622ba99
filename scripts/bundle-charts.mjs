/**
 * An esbuild plugin that bundles the real chartjs-node-canvas with our canvas in the place of node-canvas, so that
 * users of the package never compile anything, and puts the font beside the bundle.
 */
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const shim = join(root, 'src/chart/canvas-shim.ts');
const fonts = join(root, 'assets/fonts');

/** What ends up in the bundle: their licences ask for their notice in every copy. */
const bundled = ['chart.js', '@kurkle/color', 'chartjs-node-canvas', 'tslib'];

/** @returns {import('esbuild').Plugin} */
export function chartsPlugin() {
  return {
    name: 'comex-charts',
    setup(build) {
      let patched = false;

      build.onLoad({ filter: /[\\/]chartjs-node-canvas[\\/]dist[\\/]chartJSNodeCanvasBase\.js$/ }, (file) => {
        patched = true;
        return { contents: patchBase(readFileSync(file.path, 'utf8')), loader: 'js', resolveDir: dirname(file.path) };
      });

      // `require('path')` does not exist in an ES module; an import does.
      build.onResolve({ filter: /^path$/ }, (request) =>
        isInside(request.importer) ? { path: 'path', namespace: 'comex-charts-path' } : undefined,
      );
      build.onLoad({ filter: /.*/, namespace: 'comex-charts-path' }, () => ({
        contents: "export { join } from 'node:path';",
      }));

      // It loads plugins by name at runtime, which a bundle cannot; comex passes none.
      build.onLoad({ filter: /[\\/]chartjs-node-canvas[\\/]dist[\\/]freshRequire\.js$/ }, () => ({
        contents:
          "exports.freshRequire = (name) => { throw new Error('Cannot load the plugin ' + name + ' by its name.'); };",
      }));

      build.onEnd((result) => {
        if (result.errors.length > 0 || build.initialOptions.write === false) return undefined;
        if (!patched) {
          return {
            errors: [{ text: 'chartjs-node-canvas was not bundled: its files are not where they were expected.' }],
          };
        }
        copyAssets(join(build.initialOptions.outdir, 'assets'));
        return undefined;
      });
    },
  };
}

/** Puts our canvas in, and takes the CommonJS module cache out, which an ES module does not have. */
export function patchBase(source) {
  let patched = replaceOnce(source, "(0, freshRequire_1.freshRequire)('canvas')", `require(${JSON.stringify(shim)})`);
  patched = replaceOnce(patched, 'Object.keys(require.cache)', '[]');
  patched = replaceOnce(patched, 'delete require.cache[key];', '');
  patched = replaceOnce(patched, 'delete require.cache[require.resolve(plugin)];', '');
  return replaceOnce(patched, 'require(plugin);', '(0, freshRequire_1.freshRequire)(plugin);');
}

function replaceOnce(source, before, after) {
  const parts = source.split(before);
  if (parts.length === 2) return parts.join(after);
  throw new Error(
    `Expected ${before} once in chartjs-node-canvas, found it ${parts.length - 1} times: adapt scripts/bundle-charts.mjs.`,
  );
}

function isInside(path) {
  return /[\\/]chartjs-node-canvas[\\/]dist[\\/]/.test(path);
}

/** `<outdir>/assets/fonts/` is where src/chart/fonts.ts looks for them. */
function copyAssets(folder) {
  mkdirSync(join(folder, 'fonts'), { recursive: true });
  for (const file of readdirSync(fonts)) copyFileSync(join(fonts, file), join(folder, 'fonts', file));
  writeFileSync(join(folder, 'charts-licenses.txt'), licenses());
}

function licenses() {
  // From chartjs-node-canvas, so that nested dependencies are found as well.
  const require = createRequire(join(root, 'node_modules/chartjs-node-canvas/package.json'));
  return bundled.map((name) => `${name}\n\n${licenseOf(name, require)}\n`).join(`\n${'-'.repeat(80)}\n\n`);
}

function licenseOf(name, require) {
  for (const folder of require.resolve.paths(name)) {
    let files;
    try {
      files = readdirSync(join(folder, name));
    } catch {
      continue;
    }
    const file = files.find((entry) => /^licen[cs]e/i.test(entry));
    if (file) return readFileSync(join(folder, name, file), 'utf8');
  }
  throw new Error(`The licence of ${name} was not found.`);
}
