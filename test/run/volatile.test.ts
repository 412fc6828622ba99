import { describe, expect, it } from 'vitest';
import { TestProject } from '../project.ts';

describe('the export "volatile"', () => {
  it('is kept in the metadata, together with that of its parents', () => {
    const project = new TestProject({
      'experiments/parent.ts': `export const volatile = ['timing/*', 'both'];\nexport default () => {};\n`,
      'experiments/child.ts': `import { extend } from 'comex';\nexport const volatile = ['both', 'log.txt'];\nexport default extend('./parent.ts');\n`,
      'experiments/none.ts': 'export default () => {};\n',
    });
    expect(project.run('child').run.meta.volatile).toEqual(['timing/*', 'both', 'log.txt']);
    expect('volatile' in project.run('none').run.meta).toBe(false);
  });

  it.each([
    ['a text', `'timing/*'`, 'got string'],
    ['numbers', '[1]', 'got an array'],
    ['an empty name', `['']`, 'got an array'],
  ])('of %s fails the run with one sentence', (_, value, got) => {
    const project = new TestProject({
      'experiments/wrong.ts': `export const volatile: any = ${value};\nexport default () => {};\n`,
    });
    const { status, stderr } = project.comex(['run', 'wrong']);
    expect(status).toBe(1);
    expect(stderr).toContain('Expected the export "volatile" to be a list of names');
    expect(stderr).toContain(got);
  });
});
