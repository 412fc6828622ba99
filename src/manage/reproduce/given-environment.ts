import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ParameterRecord } from '../../archive/layout.ts';
import type { LoadedRun } from '../../archive/load.ts';
import { ComexError } from '../../errors.ts';
import { namesIn } from '../../experiment/config/interpolate.ts';
import type { ConfigSource } from '../../experiment/config/source.ts';
import { isSpecialName } from '../../experiment/special.ts';
import { codeFolder } from './code.ts';

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Lets values that a YAML experiment took from the environment be given again: in the copy of the metadata that they are
 * taken from, they are what was given to the run.
 */
export async function giveEnvironment(metaFile: string, run: LoadedRun): Promise<void> {
  const names = await namesFromEnvironment(run);
  const kept = names.filter((name) => {
    const record = run.original.parameters[name];
    return record !== undefined && record.redacted !== true && Object.hasOwn(record, 'value');
  });
  if (kept.length === 0) return;
  const meta = JSON.parse(readFileSync(metaFile, 'utf8')) as { parameters: Record<string, Record<string, unknown>> };
  for (const name of kept) {
    const record = meta.parameters[name]!;
    record['given'] = record['value'];
  }
  writeFileSync(metaFile, JSON.stringify(meta));
}

/**
 * Refuses a run whose secrets came from the environment by a YAML experiment, where they are empty now.
 *
 * @param given names that are given anew
 * @throws ComexError `E_PARAMETER_MISSING`
 */
export async function refuseEmptySecrets(run: LoadedRun, given: ReadonlySet<string>): Promise<void> {
  const secrets = (await namesFromEnvironment(run)).filter(
    (name) => run.original.parameters[name]?.redacted === true && !given.has(name),
  );
  if (secrets.length === 0) return;
  const now = new Map<string, unknown>();
  for (const { parameters } of (await configsOf(run, () => process.env)).toReversed()) {
    for (const { name, value } of parameters) now.set(name, value);
  }
  const empty = secrets.filter((name) => now.get(name) === undefined || now.get(name) === '');
  if (empty.length === 0) return;
  const again = empty.map((name) => `--${name}=...`).join(' ');
  throw new ComexError(
    'E_PARAMETER_MISSING',
    `${empty.join(', ')} of that run came from the environment as a secret, was not kept, and is empty now. Set the variable, or give it again: ${again}`,
  );
}

/** Parameters of a run whose values stand in a YAML experiment with variables in them, and were not changed later. */
async function namesFromEnvironment(run: LoadedRun): Promise<string[]> {
  const { parameters } = run.original;
  const isOwn = (record: ParameterRecord | undefined): boolean =>
    record?.source === 'config' && record.given === undefined && record.givenFields === undefined;
  const configs = await configsOf(run, (text) => Object.fromEntries(namesIn(text).map((name) => [name, 'x'])));
  const names = configs.flatMap((config) => config.parameters.filter(({ texts }) => texts.size > 0));
  return [...new Set(names.map(({ name }) => name))].filter(
    (name) => !isSpecialName(name) && Object.hasOwn(parameters, name) && isOwn(parameters[name]),
  );
}

/** The YAML experiments of a snapshot, the module of the run first. */
async function configsOf(run: LoadedRun, variables: (text: string) => Variables): Promise<ConfigSource[]> {
  const { module, snapshot } = run.original;
  const folder = codeFolder(run);
  const files: readonly unknown[] = Array.isArray(snapshot?.files) ? snapshot.files : [];
  const paths = files.filter((file): file is string => typeof file === 'string' && /\.ya?ml$/.test(file));
  // Only a YAML experiment extends another.
  if (folder === undefined || !/\.ya?ml$/.test(module)) return [];
  const { readConfigProblems } = await import('../../experiment/config/read.ts');
  return paths
    .toSorted((a, b) => Number(b === module) - Number(a === module))
    .flatMap((file) => {
      const path = join(folder, file);
      if (!existsSync(path)) return [];
      const text = readFileSync(path, 'utf8');
      return readConfigProblems(path, text, variables(text)).source ?? [];
    });
}
