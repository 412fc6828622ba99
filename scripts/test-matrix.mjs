/**
 * Runs the test suite under other versions of Node, each fetched as the npm package `node` into a temporary folder,
 * and says how many tests passed and failed under each. The last line is the sum: `N passed, N failed`.
 *
 *     node scripts/test-matrix.mjs [--with FILE]... [--without GLOB]... [VERSION]...
 *
 * Without versions: the oldest that comex supports and the newest of each line. `--with FILE` adds the report of a run
 * that was done before (of vitest's json reporter); `--without GLOB` leaves test files out.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const VERSIONS = ['20.19.0', '22', '24', '26'];

const root = fileURLToPath(new URL('..', import.meta.url));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    with: { type: 'string', multiple: true, default: [] },
    without: { type: 'string', multiple: true, default: [] },
  },
});
const versions = positionals.length > 0 || values.with.length > 0 ? positionals : VERSIONS;
const temporary = mkdtempSync(join(tmpdir(), 'comex-nodes-'));
/** What there is to print at the end, in the order of the runs. */
const counts = [];
try {
  for (const report of values.with) counts.push(countOf(`${process.version} (npm test)`, report));
  for (const version of versions) counts.push(testUnder(version));
} finally {
  rmSync(temporary, { recursive: true, force: true });
}

console.log('');
for (const { name, passed, failed, note } of counts) {
  console.log(`Node ${name}: ${passed} passed, ${failed} failed${note === undefined ? '' : ` (${note})`}`);
}
const sum = (key) => counts.reduce((total, each) => total + each[key], 0);
console.log(`${sum('passed')} passed, ${sum('failed')} failed`);
process.exitCode = sum('failed') > 0 || sum('passed') === 0 ? 1 : 0;

function testUnder(version) {
  const node = fetchNode(version);
  if (node === undefined) return { name: version, passed: 0, failed: 1, note: 'it could not be fetched' };
  const name = spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim();
  console.log(`\nNode ${name}`);
  const report = join(temporary, `${version}.json`);
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const { status } = spawnSync(
    node,
    [
      ...[vitest, 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
      ...values.without.flatMap((glob) => ['--exclude', glob]),
    ],
    // Programs that the tests start by their name are of the same version.
    { cwd: root, stdio: 'inherit', env: { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH}` } },
  );
  const count = countOf(name, report);
  if (status === 0 || count.failed > 0) return count;
  return { ...count, failed: 1, note: `vitest ended with ${status}` };
}

/** Where the program of a version is, once it was fetched. */
function fetchNode(version) {
  const folder = join(temporary, version);
  mkdirSync(folder);
  const words = ['install', '--prefix', folder, '--no-audit', '--no-fund', '--loglevel=error', `node@${version}`];
  const { status } = spawnSync('npm', words, { cwd: folder, stdio: 'inherit' });
  const program = join(folder, 'node_modules/node/bin/node');
  return status === 0 && existsSync(program) ? program : undefined;
}

/** A report that is not there counts as one failure: the run ended before its tests. */
function countOf(name, path) {
  if (!existsSync(path)) return { name, passed: 0, failed: 1, note: 'ended before the tests' };
  const { numPassedTests, numFailedTests, success } = JSON.parse(readFileSync(path, 'utf8'));
  if (success || numFailedTests > 0) return { name, passed: numPassedTests, failed: numFailedTests };
  return { name, passed: numPassedTests, failed: 1, note: 'a test file could not be run' };
}
