import { describe, expect, it } from 'vitest';
import { TestProject } from '../project.ts';

const EXPERIMENT = `import type { Experiment } from 'comex';
export const API_KEY = 'very-secret-text';
export const EPOCHS = 2;
export default async function experiment(e: Experiment) {
  for (let epoch = 0; epoch < EPOCHS; epoch++) e.track('loss', 1 / (epoch + 1), { step: epoch, epoch });
  await e.commitRaw('notes.txt', 'text');
  if (EPOCHS === 0) throw new Error('nothing to do');
  return EPOCHS;
}
`;
const PLUGIN = `import type { Plugin } from 'comex';
import { appendFileSync } from 'node:fs';
import { file } from './file.ts';
const note = (text: string): void => appendFileSync(file, text + '\\n');
export default (options: { word: string }): Plugin => ({
  name: 'mine',
  beforeRun: (run) => note(\`\${options.word} \${run.namespace} \${run.parameters['EPOCHS']} \${run.parameters['API_KEY']}\`),
  onTrack: (_, { name, step, value, axes }) => note(\`\${name} \${step} \${value} \${JSON.stringify(axes)}\`),
  onCommit: (_, { name }) => { note(name); throw new Error('a fault of the plugin'); },
  onError: (_, { message }) => note('error ' + message),
  afterRun: async (_, { status, result }) => { await null; note(\`\${status} \${result}\`); },
});
`;

describe('plugins', () => {
  const project = new TestProject({
    'experiments/train.ts': EXPERIMENT,
    'plugins/mine.ts': PLUGIN,
    'plugins/file.ts': "export const file = new URL('../told.txt', import.meta.url).pathname;\n",
    'comex.config.json': JSON.stringify({ plugins: [{ use: './plugins/mine.ts', word: 'hello' }, 'tensorboard'] }),
  });

  it('of the project are told of every run, and what they throw fails none', () => {
    const { run, printed } = project.run('train');
    expect(printed.status, printed.stderr).toBe(0);
    expect(project.read('told.txt').trim().split('\n')).toEqual([
      'hello train 2 [redacted]',
      'loss 0 1 {"epoch":0}',
      'loss 1 0.5 {"epoch":1}',
      'notes.txt',
      'done 2',
    ]);
    expect(run.log()).toContain('Plugin mine: onCommit failed: a fault of the plugin');
    expect(run.artifacts.map(({ path }) => path)).toEqual([
      expect.stringMatching(/^notes\.txt$/),
      expect.stringMatching(/^tensorboard\/events\.out\.tfevents\./),
    ]);
    project.write({ 'told.txt': '' });
    expect(project.run('train', ['--EPOCHS', '0']).printed.status).toBe(1);
    expect(project.read('told.txt').trim().split('\n').slice(-2)).toEqual(['error nothing to do', 'failed undefined']);
  });

  it('that cannot be loaded refuse the run before it begins', () => {
    const other = new TestProject({
      'experiments/train.ts': EXPERIMENT,
      'comex.config.json': JSON.stringify({ plugins: ['tensorbord'] }),
    });
    const { status, stderr } = other.comex(['run', 'train']);
    expect(status).toBe(2);
    expect(stderr).toContain('E_PLUGIN');
    expect(stderr).toContain('"tensorboard"');
    expect(other.runs('train')).toEqual([]);
  });
});
