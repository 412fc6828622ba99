import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll } from 'vitest';
import type { ParameterRecord } from '../../../src/archive/layout.ts';
import { checkRules, placeIn } from '../../../src/run/harvest/check.ts';
import { harvest } from '../../../src/run/harvest/harvest.ts';
import type { HarvestSubject } from '../../../src/run/harvest/subject.ts';

type Files = Readonly<Record<string, string | Uint8Array>>;

const folders: string[] = [];

afterAll(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A project with one run, whose folder holds files; those whose path begins with `../` lie beside it. */
export function subjectWith(files: Files, values: Readonly<Record<string, unknown>> = {}): HarvestSubject {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'comex-harvest-')));
  folders.push(root);
  const path = join(root, 'results/walk/k3v9x2ab');
  mkdirSync(path, { recursive: true });
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), content);
  }
  const parameters: Record<string, ParameterRecord> = {};
  for (const [name, value] of Object.entries(values)) parameters[name] = { value, source: 'given' };
  return { root, run: { path, id: 'k3v9x2ab', name: 'k3v9x2ab', namespace: 'vision/walk', meta: { parameters } } };
}

/** What one rule gives: its value, or the sentence that says why there is none. */
export async function harvested(subject: HarvestSubject, rule: unknown): Promise<unknown> {
  const rules = await checkRules({ 'results/x': rule }, placeIn('config', 'comex.config.json'));
  const { data, failures } = await harvest(rules, subject);
  return failures[0]?.message ?? data[0]?.value;
}

/** The same for files of a run folder. */
export async function taken(files: Files, rule: unknown): Promise<unknown> {
  return await harvested(subjectWith(files), rule);
}

/** What is said of a rule that is none. */
export async function refusal(rules: unknown): Promise<string> {
  try {
    await checkRules(rules, placeIn('config', 'comex.config.json'));
    return 'accepted';
  } catch (error) {
    return (error as Error).message;
  }
}
