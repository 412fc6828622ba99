import { mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tree } from '../../src/cli/tree.ts';
import { CONTROLS, HARMFUL, scopeOf, widthOf } from './looking.ts';
import { temporaryFolder, writeRun } from './run-folders.ts';

describe('comex tree', () => {
  it.each([80, 40])('fits %d columns with long names, harmless, and rounds results', (columns) => {
    const results = temporaryFolder();
    const outer = writeRun(results, 'aaaaaaaa', { namespace: 'n'.repeat(150), result: { third: 1 / 3 } });
    const inside = (id: string, meta: Readonly<Record<string, unknown>>): void => {
      mkdirSync(join(outer, 'runs'), { recursive: true });
      renameSync(writeRun(temporaryFolder(), id, { ...meta, parent: { id: 'aaaaaaaa' } }), join(outer, 'runs', id));
    };
    inside('bbbbbbbb', { namespace: HARMFUL, result: HARMFUL });
    inside('cccccccc', { namespace: 'inner', result: 1 / 3 });
    const scope = scopeOf(results, { columns });
    const status = tree('aaaaaaaa', scope);
    expect({ status, err: scope.seen.err }).toEqual({ status: 0, err: '' });
    const { out } = scope.seen;
    expect(out).toMatch(/^n+… {2}aaaaaaaa {2}done {2}3 min 05 s/);
    expect(out).toContain('bbbbbbbb  done');
    if (columns === 80) expect(out).toContain('inner  cccccccc  done  3 min 05 s  -> 0.3333');
    expect(out).not.toMatch(CONTROLS);
    expect(widthOf(out)).toBeLessThanOrEqual(columns);
  });
});
