/**
 * esbuild puts modules into one file when the same entries reach them. With many entries that makes dozens of small
 * files, and each costs a start. So every entry reaches the whole of its layer and of those below: a file for each layer.
 */
import { readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** From the lightest: what every command needs and what reads an archive; what asks git; what runs an experiment. */
const LAYERS = [
  ['cli/main.ts', 'cli/archive-commands.ts', 'archive/index.ts', 'archive/holder.ts', 'cli/duration.ts'],
  ['cli/run.ts'],
  ['cli/perform.ts', 'cli/run-panels.ts', 'cli/dry-run.ts', 'cli/parameter-help.ts', 'cli/from-run.ts', 'index.ts'],
];
/** Other entries that need more than the first layer. One that is missing here splits the layers into small files. */
const LEVELS = {
  'cli/bin.ts': -1,
  'cli/adopt.ts': 2,
  'cli/analyze.ts': 2,
  'cli/experiments.ts': 2,
  'cli/modify.ts': 2,
  'cli/new.ts': 2,
  'cli/reproduce.ts': 2,
  'cli/schema.ts': 2,
  'cli/validate.ts': 2,
  'cli/watch.ts': 2,
  'archive/folder.ts': 2,
  'manage/adopt/map.ts': 2,
  'run/archived.ts': 2,
  'run/opened-begin.ts': 2,
  'run/plugins.ts': 2,
  'run/reproducible.ts': 2,
  'run/script.ts': 2,
  'experiment/config/read.ts': 2,
  'experiment/config/value.ts': 2,
  'experiment/load/runner.ts': 2,
};

/** @returns {import('esbuild').Plugin} */
export const layersPlugin = {
  name: 'layers',
  setup(setup) {
    setup.onResolve({ filter: /.*/ }, async ({ path, kind, importer, resolveDir, pluginData }) => {
      const isEntry = kind === 'entry-point' || kind === 'dynamic-import';
      if (!isEntry || pluginData === 'resolved') return undefined;
      const found = await setup.resolve(path, {
        kind,
        importer,
        resolveDir: resolveDir || root,
        pluginData: 'resolved',
      });
      if (found.external || found.errors.length > 0 || found.namespace !== 'file') return found;
      return { path: found.path, suffix: '?entry' };
    });
    setup.onLoad({ filter: /.*/ }, ({ path, suffix }) => {
      if (suffix !== '?entry') return undefined;
      const text = readFileSync(path, 'utf8');
      const layers = Array.from({ length: levelOf(path) + 1 }, (_, level) => `import 'layer:${level}';`);
      const name = JSON.stringify(path);
      const isDefault = /\bexport default\b|\bas default\b/.test(text);
      const lines = [
        /^#!.*/.exec(text)?.[0] ?? '',
        ...layers,
        `export * from ${name};`,
        isDefault ? `export { default } from ${name};` : '',
      ];
      return { contents: lines.join('\n'), resolveDir: root };
    });
    setup.onResolve({ filter: /^layer:/ }, ({ path }) => ({ path, namespace: 'layer' }));
    setup.onLoad({ filter: /.*/, namespace: 'layer' }, ({ path }) => ({
      contents: LAYERS[Number(path.slice('layer:'.length))]
        .map((file) => `import ${JSON.stringify(join(root, 'src', file))};`)
        .join('\n'),
      resolveDir: root,
    }));
  },
};

function levelOf(path) {
  const file = relative(join(root, 'src'), path).split(sep).join('/');
  return (
    LEVELS[file] ??
    Math.max(
      0,
      LAYERS.findIndex((files) => files.includes(file)),
    )
  );
}
