import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { createHooks, type Role } from './hooks.ts';
import type { LoadPlan } from './plan.ts';

/**
 * The hooks as Node's hooks thread runs them, where it has no hooks in the main thread. Plans come through a port; the
 * port is read when a plan is asked for, because a message may be on its way while the import already is here.
 */
let port: MessagePort;
const plans = new Map<string, LoadPlan>();
let hooks: ReturnType<typeof createHooks>;

export function initialize(data: { port: MessagePort; role: Role }): void {
  port = data.port;
  hooks = createHooks(data.role, planOf, (id, path) => port.postMessage({ id, path }));
}

export function resolve(specifier: string, context: never, next: never): unknown {
  return hooks.resolve === undefined ? (next as Next)(specifier, context) : hooks.resolve(specifier, context, next);
}

export function load(url: string, context: never, next: never): unknown {
  return hooks.load(url, context, next);
}

type Next = (subject: string, context: never) => unknown;

function planOf(id: string): LoadPlan | undefined {
  for (let message = receiveMessageOnPort(port); message !== undefined; message = receiveMessageOnPort(port)) {
    const plan = message.message as LoadPlan | { readonly drop: string };
    if ('drop' in plan) plans.delete(plan.drop);
    else plans.set(plan.id, plan);
  }
  return plans.get(id);
}
