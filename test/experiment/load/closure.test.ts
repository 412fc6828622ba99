import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readClosure, readProjectFile } from '../../../src/experiment/load/closure.ts';
import { Tsconfigs } from '../../../src/experiment/load/resolve.ts';
import { temporaryFolder } from '../../cli/run-folders.ts';
import { write } from '../../manage/adopt-fixture.ts';

it('takes a require in a text or a comment for what it is, and one in the code for an import', () => {
  const folder = temporaryFolder();
  const source = [
    'const text = "say require(\'./said.cjs\')"; // require("./commented.cjs")',
    "const filled = `require('./quoted.cjs') $" + "{require('./filled.cjs')}`;",
    "export const inner = () => module.require('./inner.cjs');",
    "/require('\\.\\/re\\.cjs')/.test(text);",
  ].join('\n');
  const names = ['said', 'commented', 'quoted', 'filled', 'inner'];
  write(folder, {
    'main.js': source,
    ...Object.fromEntries(names.map((name) => [`${name}.cjs`, ''])),
  });
  expect([...readClosure(join(folder, 'main.js'), new Tsconfigs()).keys()]).toEqual(
    ['main.js', 'filled.cjs', 'inner.cjs'].map((name) => join(folder, name)),
  );
});

it('finds nothing behind a specifier that no file can have', () => {
  const folder = temporaryFolder();
  const long = 'x'.repeat(300);
  write(folder, {
    'main.ts': `import './\0.ts';\nimport './${long}.js';\nexport const load = () => import('./${long}/y.ts');\n`,
  });
  const { resolved, faults } = readProjectFile(join(folder, 'main.ts'), new Tsconfigs());
  expect([...resolved]).toEqual([]);
  expect(faults.map(({ line }) => line)).toEqual([1, 2]);
});
