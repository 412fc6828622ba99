/**
 * Built-in modules are fetched with `process.getBuiltinModule`. An import statement would read every property of the
 * module for its namespace, and some (`fs.promises`, `crypto.webcrypto`) load more modules when they are read.
 */
import { readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';

/** Its namespace is asked for what only newer versions of Node have. */
const LEFT_ALONE = ['module', 'process'];

export const builtinsPlugin = {
  name: 'builtins',
  setup(setup) {
    // It wants a namespace, that is every property, some of which warn of their age: the module itself serves.
    setup.onLoad({ filter: /[\\/]node_modules[\\/]fdir[\\/].*\.mjs$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replace('import * as nativeFs from', 'import nativeFs from'),
    }));
    setup.onResolve({ filter: /^(node:)?[a-z_/]+$/ }, ({ path, kind }) => {
      const name = path.replace(/^node:/, '');
      const isTaken = kind === 'import-statement' && builtinModules.includes(name) && !LEFT_ALONE.includes(name);
      return isTaken ? { path: name, namespace: 'builtin', sideEffects: false } : undefined;
    });
    setup.onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => {
      const names = Object.keys(process.getBuiltinModule(path)).filter((name) => name !== 'default');
      const exports = names.map((name) => `export const ${name} = /* @__PURE__ */ (() => builtin.${name})();`);
      return {
        contents: [
          `const builtin = process.getBuiltinModule('node:${path}');`,
          'export default builtin;',
          ...exports,
        ].join('\n'),
      };
    });
  },
};
