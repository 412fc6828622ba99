/**
 * oxc-parser and oxc-transform look for their native halves in several files of JavaScript, for which a start waits
 * longer than for the native halves themselves. The bundle holds the few lines of them that comex uses, and requires the
 * native half directly; on a platform that it does not know, their own search is asked.
 */
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

const MODULES = {
  'oxc-parser': `
    import { loadNative } from 'load-native';
    import { wrap } from 'oxc-parser/src-js/wrap.js';
    export { default as visitorKeys } from 'oxc-parser/src-js/generated/visit/keys.js';
    let native;
    export function parseSync(...given) {
      native ??= loadNative('oxc-parser', 'oxc-parser/src-js/bindings.js');
      return wrap(native.parseSync(...given));
    }`,
  'oxc-transform': `
    import { loadNative } from 'load-native';
    let native;
    export function transformSync(...given) {
      native ??= loadNative('oxc-transform', 'oxc-transform');
      return native.transformSync(...given);
    }`,
  'load-native': `
    import { createRequire } from 'node:module';
    const KINDS = { darwin: [''], linux: ['-gnu', '-musl'], win32: ['-msvc'] };
    export function loadNative(name, search) {
      const require = createRequire(import.meta.url);
      const requireFromIt = createRequire(require.resolve(name));
      for (const kind of KINDS[process.platform] ?? []) {
        try {
          return requireFromIt('@' + name + '/binding-' + process.platform + '-' + process.arch + kind);
        } catch {
          // Not this one: a machine has the native half of its own kind.
        }
      }
      return require(search);
    }`,
};

/** @returns {import('esbuild').Plugin} */
export const nativesPlugin = {
  name: 'natives',
  setup(setup) {
    setup.onResolve({ filter: /^(oxc-parser|oxc-transform|load-native)$/ }, ({ path }) => ({
      path,
      namespace: 'natives',
      sideEffects: false,
    }));
    setup.onLoad({ filter: /.*/, namespace: 'natives' }, ({ path }) => ({ contents: MODULES[path], resolveDir: root }));
    setup.onResolve({ filter: /^oxc-parser\// }, ({ path }) => ({ path: fileURLToPath(import.meta.resolve(path)) }));
  },
};
