import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The tests run the package as it ships: built, from this source. */
export default function build(): void {
  const script = fileURLToPath(new URL('../scripts/build.mjs', import.meta.url));
  const { status, stderr } = spawnSync(process.execPath, [script, '--no-types'], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`The build failed.\n${stderr}`);
}
