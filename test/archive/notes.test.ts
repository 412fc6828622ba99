import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, chmodSync, readFileSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { META_FILE, NOTES_FILE, type NoteRecord } from '../../src/archive/layout.ts';
import { loadRun } from '../../src/archive/load.ts';
import { appendNote, readNotes, withNotes } from '../../src/archive/notes.ts';
import { metaOf, temporaryFolder, thrown, writeRun } from './run-folder.ts';

const said = { at: '2026-01-31T12:00:00.000Z', by: 'test' };
const tag = (add: string[], remove: string[] = []): NoteRecord => ({ ...said, kind: 'tag', add, remove });

describe('notes', () => {
  it('lays what was said later over the metadata, and keeps the original readable', () => {
    const folder = writeRun(temporaryFolder(), { tags: ['old'], parameters: { LR: { value: 1, source: 'given' } } });
    appendNote(folder, tag(['new', 'x'], ['old']));
    appendNote(folder, tag([], ['x']));
    appendNote(folder, { ...said, kind: 'note', text: 'first' });
    appendNote(folder, { ...said, kind: 'note', text: 'a\nb' });
    appendNote(folder, { ...said, kind: 'rename', title: 'Best' });
    appendNote(folder, { ...said, kind: 'edit', path: 'parameters.LR', from: 1, to: Number.NaN });
    appendNote(folder, { ...said, kind: 'edit', path: 'description', to: 'about' });
    appendNote(folder, { ...said, kind: 'harvest', values: { cost: 3 }, source: {} });
    const { meta, original, tags } = loadRun(folder);
    expect(tags).toEqual(['new']);
    expect(meta).toMatchObject({ note: 'a\nb', title: 'Best', description: 'about', harvested: { cost: 3 } });
    expect(meta.parameters.LR).toEqual({ value: Number.NaN, source: 'given' });
    expect(original).toMatchObject({ tags: ['old'], parameters: { LR: { value: 1 } } });
    expect(original.title).toBe(undefined);
  });

  it('takes a parameter away, and gives one another name with all that is known of it', () => {
    const record = { value: 2, source: 'given', type: 'number', doc: 'How much.' } as const;
    const meta = metaOf({ parameters: { OLD: record, GONE: record } });
    const moved = { ...said, kind: 'edit', path: 'parameters.NEW', to: 2, movedFrom: 'parameters.OLD' } as const;
    const away = (name: string) => ({ ...said, kind: 'edit', path: `parameters.${name}` }) as const;
    expect(withNotes(meta, [moved, away('OLD'), away('GONE')], {}).parameters).toEqual({ NEW: record });
  });

  it('passes over lines that are damaged, or mean nothing', () => {
    const folder = writeRun(temporaryFolder());
    appendNote(folder, tag(['a']));
    appendFileSync(
      join(folder, NOTES_FILE),
      '{"kind":"tag","add":[1]}\nnull\n{"kind":"toString"}\n{"kind":"tag","add":["to',
    );
    appendNote(folder, tag(['b']));
    expect(readNotes(folder)).toHaveLength(2);
    expect(loadRun(folder).tags).toEqual(['a', 'b']);
  });

  it('gives a run without metadata no ghost, and says which file cannot be written', () => {
    const folder = join(temporaryFolder(), 'gone');
    expect(thrown(() => appendNote(folder, tag(['a'])))).toMatchObject({ code: 'E_STORAGE' });
    expect(statSync(folder, { throwIfNoEntry: false })).toBe(undefined);
  });

  it('shows by the time of the metadata that something was said', () => {
    const folder = writeRun(temporaryFolder());
    utimesSync(join(folder, META_FILE), 1, 1);
    const before = readFileSync(join(folder, META_FILE), 'utf8');
    appendNote(folder, tag(['a']));
    const first = statSync(join(folder, META_FILE)).mtimeMs;
    appendNote(folder, tag(['b']));
    expect(first).toBeGreaterThan(Date.now() - 60_000);
    expect(statSync(join(folder, META_FILE)).mtimeMs).toBeGreaterThan(first);
    expect(readFileSync(join(folder, META_FILE), 'utf8')).toBe(before);
  });

  it('notes on a run whose metadata it may not touch', () => {
    const folder = writeRun(temporaryFolder());
    appendNote(folder, tag(['a']));
    chmodSync(join(folder, META_FILE), 0o444);
    appendNote(folder, tag(['b']));
    expect(loadRun(folder).tags).toEqual(['a', 'b']);
  });

  it('loses nothing of eight processes that tag one run fifty times each', async () => {
    const folder = writeRun(temporaryFolder());
    const module = fileURLToPath(new URL('../../src/archive/notes.ts', import.meta.url));
    const built = join(temporaryFolder(), 'notes.mjs');
    const { build } = await import('esbuild');
    await build({ entryPoints: [module], outfile: built, bundle: true, format: 'esm', platform: 'node' });
    const script = `
      import { appendNote } from ${JSON.stringify(built)};
      for (let i = 0; i < 50; i++) {
        appendNote(${JSON.stringify(folder)}, { at: '', by: '', kind: 'tag', add: ['t' + process.argv[1] + '-' + i] });
      }`;
    const processes = Array.from({ length: 8 }, (_, p) =>
      spawn(process.execPath, ['--input-type=module', '-e', script, String(p)], {
        stdio: ['ignore', 'ignore', 'inherit'],
      }),
    );
    const statuses = await Promise.all(processes.map(async (child) => (await once(child, 'exit'))[0]));
    expect(statuses).toEqual(Array(8).fill(0));
    expect(loadRun(folder).tags).toHaveLength(400);
  });
});
