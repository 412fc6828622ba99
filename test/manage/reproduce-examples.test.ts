import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PACKAGE } from '../project.ts';
import { ReproduceProject } from './reproducing.ts';

describe('each example', () => {
  const user = new ReproduceProject({});
  cpSync(join(PACKAGE, 'experiments'), join(user.root, 'experiments'), { recursive: true });

  it.each(['quickstart', 'digits', 'diffusion', 'sorting'])('%s is reproduced identically', (name) => {
    const { run } = user.run(name, name === 'quickstart' ? [] : ['--__TESTING__']);
    expect(run.status).toBe('done');
    const { differences, changed, identical, printed } = user.reproduced([run.id]);
    expect(differences).toEqual([]);
    expect(changed).toEqual([]);
    expect([identical, printed.status]).toEqual([true, 0]);
  });
});
