import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll } from 'vitest';
import type { PluginRun } from '../../../src/run/plugin.ts';
import type { PluginEntry } from '../../../src/run/plugins/load.ts';
import { PluginHost } from '../../../src/run/plugins.ts';

const roots: string[] = [];

afterAll(() => {
  for (const root of roots.splice(0)) rmSync(root, { recursive: true, force: true });
});

/** A project with plugins and a run folder, and what the plugins have the log say. */
export class Setting {
  readonly root = realpathSync(mkdtempSync(join(tmpdir(), 'comex-plugins-')));
  readonly project = { root: this.root, results: join(this.root, 'results') };
  readonly path = join(this.project.results, 'vision/digits/2026-01-31__12-00-00__k3v9x2ab');
  readonly run: Omit<PluginRun, 'log'> = {
    id: 'k3v9x2ab',
    path: this.path,
    namespace: 'vision/digits',
    module: 'experiments/vision/digits.ts',
    parameters: { EPOCHS: 3, API_KEY: '[redacted]', RATE: Number.NaN },
    tags: ['baseline'],
    startedAt: new Date('2026-01-31T11:00:00.250Z'),
  };
  readonly log: string[] = [];

  constructor(files: Readonly<Record<string, string>> = {}) {
    roots.push(this.root);
    mkdirSync(this.path, { recursive: true });
    this.write({ 'package.json': '{ "type": "module" }', ...files });
  }

  write(files: Readonly<Record<string, string | Uint8Array>>): void {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(this.root, path)), { recursive: true });
      writeFileSync(join(this.root, path), content);
    }
  }

  load(entries: readonly PluginEntry[], patience?: number): Promise<PluginHost | undefined> {
    const importModule = (path: string) => import(/* @vite-ignore */ pathToFileURL(path).href);
    return PluginHost.load(entries, this.project, importModule, (text) => this.log.push(text), patience);
  }

  /** A host whose run has begun. */
  async begin(entries: readonly PluginEntry[], run: Partial<PluginRun> = {}, patience?: number): Promise<PluginHost> {
    const host = await this.load(entries, patience);
    await host!.beforeRun({ ...this.run, ...run });
    return host!;
  }
}
