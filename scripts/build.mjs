/**
 * Builds dist/: one bundle with the command line, the library and the hooks thread as entries, and the declarations.
 * Packages that are small and only ours are bundled, so that a user installs few and starting reads few files.
 */
import { chmodSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { builtinsPlugin } from './builtins.mjs';
import { chartsPlugin } from './bundle-charts.mjs';
import { writeDeclarations } from './declarations.mjs';
import { layersPlugin } from './layers.mjs';
import { nativesPlugin } from './natives.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
const fresh = join(root, `dist.new-${process.pid}`);
const old = join(root, `dist.old-${process.pid}`);
const withTypes = !process.argv.includes('--no-types');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** Measuring the width of every script on earth costs the start of yargs 23 ms; its help is English. */
const narrowWidth = {
  name: 'narrow-width',
  setup(setup) {
    setup.onResolve({ filter: /^string-width$/ }, () => ({ path: 'string-width', namespace: 'narrow-width' }));
    setup.onLoad({ filter: /.*/, namespace: 'narrow-width' }, () => ({
      contents: 'export default (text) => text.replace(/\\u001b\\[[0-9;]*m/g, "").length;',
    }));
  },
};

/** The same code as ES modules: what Node is given requires built-in modules, which a bundle of ES modules cannot. */
const yamlModules = {
  name: 'yaml-modules',
  setup(setup) {
    const path = join(root, 'node_modules/yaml/browser/dist/index.js');
    setup.onResolve({ filter: /^yaml$/ }, () => ({ path }));
  },
};

/** The version is all that is needed of the manifest. */
const versionOnly = {
  name: 'version-only',
  setup(setup) {
    setup.onLoad({ filter: /[\\/]src[\\/]version\.ts$/ }, () => ({
      contents: `export const version = ${JSON.stringify(manifest.version)};`,
      loader: 'ts',
    }));
  },
};

// Built beside dist/ and swapped in when whole: a program that runs from dist/ never meets half of it.
rmSync(fresh, { recursive: true, force: true });
const options = {
  absWorkingDir: root,
  outdir: fresh,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  external: Object.keys(manifest.dependencies),
  logLevel: 'warning',
};
const result = await build({
  ...options,
  entryPoints: {
    bin: 'src/cli/bin.ts',
    cli: 'src/cli/main.ts',
    index: 'src/index.ts',
    archive: 'src/archive/index.ts',
    chart: 'src/chart/index.ts',
  },
  splitting: true,
  metafile: true,
  plugins: [layersPlugin, nativesPlugin, builtinsPlugin, narrowWidth, yamlModules, versionOnly, chartsPlugin()],
});
// Threads share no state with the others: a file each, without the chunks.
await build({
  ...options,
  entryPoints: {
    'load-worker': 'src/experiment/load/hooks-worker.ts',
    'watchdog-worker': 'src/run/watchdog-worker.ts',
  },
  plugins: [builtinsPlugin],
});
chmodSync(join(fresh, 'bin.js'), 0o755);
writeFileSync(join(fresh, 'licenses.txt'), licenses(Object.keys(result.metafile.inputs)));
if (withTypes) declarations();
else if (existsSync(join(dist, 'types'))) renameSync(join(dist, 'types'), join(fresh, 'types'));
if (existsSync(dist)) renameSync(dist, old);
renameSync(fresh, dist);
rmSync(old, { recursive: true, force: true });

/** The licences of the bundled packages ask for their notice in every copy. */
function licenses(inputs) {
  const folders = new Set(
    inputs.map((path) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1]).filter(Boolean),
  );
  return [...folders]
    .sort()
    .map((folder) => {
      const { name, version, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
      const text = ['LICENSE', 'LICENSE.md', 'license', 'LICENSE.txt', 'LICENSE-MIT'].map((file) =>
        readIfThere(join(root, folder, file)),
      );
      return `${name} ${version} (${license})\n\n${text.find(Boolean) ?? ''}`;
    })
    .join(`\n${'-'.repeat(80)}\n\n`);
}

function readIfThere(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function declarations() {
  const entries = Object.values(manifest.exports)
    .map(({ types }) => types?.replace('./dist/types/', ''))
    .filter(Boolean);
  try {
    writeDeclarations(root, entries, join(fresh, 'types'));
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true });
    console.error(error.message);
    process.exit(1);
  }
}
