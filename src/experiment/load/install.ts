import * as nodeModule from 'node:module';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { createHooks, type Role } from './hooks.ts';
import type { LoadPlan } from './plan.ts';

type RegisterHooks = (hooks: { resolve?: unknown; load?: unknown }) => unknown;

/** Present from Node 22.15 and 23.5; before, hooks run in a thread of their own. */
const registerHooks = (nodeModule as unknown as { registerHooks?: RegisterHooks }).registerHooks;

/** The module loader of this process: the plans of its instances, and the hooks that serve them. */
export class Loader {
  readonly #plans = new Map<string, LoadPlan>();
  readonly #ports: MessagePort[] = [];
  readonly #onLate: (id: string, path: string) => void;
  #plainReady = false;
  #tsxReady = false;

  constructor(onLate: (id: string, path: string) => void) {
    this.#onLate = onLate;
  }

  /** Makes the files of a plan importable. */
  async add(plan: LoadPlan): Promise<void> {
    if (plan.tsx && !this.#tsxReady) await this.#installTsx();
    else if (!this.#plainReady && !this.#tsxReady) this.#installPlain();
    this.#plans.set(plan.id, plan);
    for (const port of this.#ports) port.postMessage(plan);
  }

  /** Lets go of a plan whose files have been loaded. */
  drop(id: string): void {
    this.#plans.delete(id);
    for (const port of this.#ports) port.postMessage({ drop: id });
  }

  #installPlain(): void {
    this.#install('outer', registerHooks !== undefined);
    process.setSourceMapsEnabled(true);
    this.#plainReady = true;
  }

  async #installTsx(): Promise<void> {
    const inThread = tsxHooksInThread(process.versions.node);
    // Before there are hooks: where they run in a thread of their own, each import would ask it.
    const [esm, cjs] = await Promise.all([import('tsx/esm/api'), import('tsx/cjs/api')]);
    this.#install('inner', inThread);
    esm.register();
    cjs.register();
    this.#install('outer', inThread);
    this.#tsxReady = true;
  }

  #install(role: Role, inThread: boolean): void {
    if (inThread) {
      const { resolve, load } = createHooks(role, (id) => this.#plans.get(id), this.#onLate);
      registerHooks!({ ...(resolve === undefined ? {} : { resolve }), load });
      return;
    }
    const { port1, port2 } = new MessageChannel();
    port1.on('message', ({ id, path }: { id: string; path: string }) => this.#onLate(id, path));
    port1.unref();
    for (const plan of this.#plans.values()) port1.postMessage(plan);
    // Beside the bundle's chunks; a query of its own gives each role its own copy of the module.
    nodeModule.register(new URL(`./load-worker.js?role=${role}`, import.meta.url), {
      data: { port: port2, role },
      transferList: [port2],
    });
    this.#ports.push(port1);
  }
}

/** Whether the pinned tsx hooks in the main thread on a version of Node, as its `register` decides. */
export function tsxHooksInThread(version: string): boolean {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
  const from: Readonly<Record<number, readonly [number, number]>> = { 22: [22, 3], 24: [11, 1], 25: [1, 0] };
  if (major >= 26) return true;
  const [fromMinor, fromPatch] = from[major] ?? [Number.POSITIVE_INFINITY, 0];
  return minor > fromMinor || (minor === fromMinor && patch >= fromPatch);
}
