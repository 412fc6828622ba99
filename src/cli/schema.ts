import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { writeFileAtomic } from '../codec/atomic.ts';
import { ComexError } from '../errors.ts';
import { define } from '../experiment/define.ts';
import { findModule } from '../experiment/project.ts';
import { configSchema } from '../manage/schema.ts';
import { harmless, harmlessJson } from './screen.ts';

/** `comex schema FILE [--out PATH]`: prints or writes a JSON schema for YAML experiments that extend FILE. */
export async function schemaCommand(file: string, out: string | undefined, cwd = process.cwd()): Promise<void> {
  const schema = configSchema(await define(findModule(file, cwd), cwd), cwd);
  const text = `${JSON.stringify(schema, null, 2)}\n`;
  if (out === undefined) {
    process.stdout.write(harmlessJson(text));
    return;
  }
  if (out === '') throw new ComexError('E_USAGE', 'Expected a path behind --out, got an empty text.');
  const path = resolve(cwd, out);
  refuseOther(path, out);
  writeFileAtomic(path, text);
  const line = `# yaml-language-server: $schema=${harmless(out)}`;
  process.stdout.write(
    `Wrote ${harmless(out)}. In a YAML experiment, name it relative to that file on the first line:\n${line}\n`,
  );
}

/** A schema is made anew as often as wanted; another file is not written over. */
function refuseOther(path: string, out: string): void {
  if (!existsSync(path)) return;
  try {
    const before: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (typeof before === 'object' && before !== null && '$schema' in before) return;
  } catch {
    // No JSON, or a folder: not ours.
  }
  throw new ComexError(
    'E_FILE',
    `Expected --out to name a new file or a JSON schema, got ${out}, which is something else. Name another path.`,
  );
}
