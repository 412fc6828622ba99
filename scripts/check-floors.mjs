/** A folder of src/ imports only from those below it. Prints each import that points up, and fails when there is one. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSync } from 'oxc-parser';

/** From the top down. */
const FLOORS = [
  'index.ts',
  'cli',
  'ui',
  'manage',
  'sweep',
  'pipeline',
  'executor',
  'run',
  'experiment',
  'cache',
  'archive',
  'chart',
  'codec',
  'version.ts',
  'errors.ts',
];

const source = fileURLToPath(new URL('../src', import.meta.url));
const floorOf = (path) => FLOORS.indexOf(relative(source, path).split(sep)[0]);
const problems = [];
for (const path of listFiles(source)) {
  const floor = floorOf(path);
  if (floor < 0) problems.push(`${relative(source, path)}: belongs to no floor; name it in scripts/check-floors.mjs`);
  for (const specifier of importsOf(path)) {
    const target = floorOf(join(dirname(path), specifier));
    if (target >= 0 && target < floor)
      problems.push(`${relative(source, path)}: imports ${specifier}, which is above it`);
  }
}
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exit(1);

function importsOf(path) {
  const text = readFileSync(path, 'utf8');
  const { module } = parseSync(path, text);
  const named = [
    ...module.staticImports.map((found) => found.moduleRequest.value),
    ...module.staticExports.flatMap((found) => found.entries.map((entry) => entry.moduleRequest?.value)),
    ...module.dynamicImports.map((found) => text.slice(found.moduleRequest.start + 1, found.moduleRequest.end - 1)),
  ];
  return named.filter((specifier) => specifier?.startsWith('.'));
}

function listFiles(folder) {
  return readdirSync(folder, { recursive: true })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name));
}
