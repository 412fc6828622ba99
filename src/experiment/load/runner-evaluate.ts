import type { ExternalModule } from './runner-external.ts';
import type { ProgramModule } from './runner-link.ts';

interface Failure {
  readonly error: unknown;
}

/** A module of one instance as its evaluation sees it: a Cyclic Module Record of ECMA-262, 16.2.1.5. */
export class EvaluationRecord {
  readonly module: ProgramModule;
  /** Runs its body; a promise when there is an `await` outside functions. */
  readonly execute: () => Promise<unknown> | undefined;
  dependencies: readonly (EvaluationRecord | ExternalModule)[] = [];
  /** `waiting`: visited, but something asynchronous is not over yet. */
  status: 'linked' | 'evaluating' | 'waiting' | 'evaluated' = 'linked';
  /** What it threw, in a box: anything can be thrown. */
  failure: Failure | undefined;
  index = 0;
  lowest = 0;
  root: EvaluationRecord | undefined;
  /** When it became asynchronous, among others. */
  asyncOrder: number | 'done' | undefined;
  /** Asynchronous dependencies that are not over, and one for the visit itself. */
  pending = 1;
  readonly parents: EvaluationRecord[] = [];
  result: Deferred | undefined;

  constructor(module: ProgramModule, execute: () => Promise<unknown> | undefined) {
    this.module = module;
    this.execute = execute;
  }

  get awaits(): boolean {
    return this.module.compiled?.awaits === true;
  }
}

/** Called for an external that a module imports, once it is loaded and before the module is evaluated. */
type Check = (module: ProgramModule, external: ExternalModule) => void;

/** Evaluates the modules of one instance in the order of ECMA-262; an external is loaded when its turn comes. */
export class Evaluation {
  readonly #check: Check;
  #asyncCount = 0;
  /** The visit that is under way: it stands still while an external is loaded. */
  #visiting: Promise<unknown> | undefined;

  constructor(check: Check) {
    this.#check = check;
  }

  async evaluate(entry: EvaluationRecord): Promise<void> {
    while (this.#visiting !== undefined) await this.#visiting;
    const isVisited = entry.status === 'waiting' || entry.status === 'evaluated';
    const record = isVisited ? (entry.root ?? entry) : entry;
    if (record.result !== undefined) return record.result.promise;
    const result = deferred();
    record.result = result;
    const stack: EvaluationRecord[] = [];
    try {
      const rest = begin(this.#visit(record, stack, 0));
      if (rest !== undefined) {
        this.#visiting = rest.catch(() => undefined).then(() => (this.#visiting = undefined));
        await rest;
      }
      // Also when it was evaluated before, as what another module depends on.
      if (typeof record.asyncOrder !== 'number') result.resolve();
    } catch (error) {
      const failure = { error };
      for (const each of stack) {
        each.status = 'evaluated';
        each.failure ??= failure;
      }
      result.reject(error);
    }
    return result.promise;
  }

  /** InnerModuleEvaluation. Yields what has to be loaded before it can go on. */
  *#visit(record: EvaluationRecord, stack: EvaluationRecord[], from: number): Generator<Promise<void>, number> {
    if (record.status === 'evaluating') return from;
    if (record.status !== 'linked') {
      if (record.failure !== undefined) throw record.failure.error;
      return from;
    }
    let index = from;
    record.status = 'evaluating';
    record.index = index;
    record.lowest = index;
    index++;
    stack.push(record);
    for (const dependency of record.dependencies) {
      if ('specifier' in dependency) {
        if (!dependency.loaded) yield dependency.load();
        this.#check(record.module, dependency);
        continue;
      }
      index = yield* this.#visit(dependency, stack, index);
      let required = dependency;
      if (required.status === 'evaluating') record.lowest = Math.min(record.lowest, required.lowest);
      else {
        required = required.root ?? required;
        if (required.failure !== undefined) throw required.failure.error;
      }
      if (typeof required.asyncOrder === 'number') {
        record.pending++;
        required.parents.push(record);
      }
    }
    record.pending--;
    if (record.pending > 0 || record.awaits) {
      record.asyncOrder = this.#asyncCount++;
      if (record.pending === 0) this.#start(record);
    } else record.execute();
    if (record.lowest === record.index) closeCycle(record, stack);
    return index;
  }

  /** ExecuteAsyncModule. */
  #start(record: EvaluationRecord): void {
    record.execute()!.then(
      () => this.#fulfilled(record),
      (error: unknown) => this.#rejected(record, { error }),
    );
  }

  #fulfilled(record: EvaluationRecord): void {
    if (record.failure !== undefined) return;
    finish(record);
    const ready: EvaluationRecord[] = [];
    gatherReady(record, ready);
    for (const next of ready.sort((a, b) => Number(a.asyncOrder) - Number(b.asyncOrder))) {
      if (next.failure !== undefined) continue;
      if (next.awaits) {
        this.#start(next);
        continue;
      }
      try {
        next.execute();
      } catch (error) {
        this.#rejected(next, { error });
        continue;
      }
      finish(next);
    }
  }

  #rejected(record: EvaluationRecord, failure: Failure): void {
    if (record.failure !== undefined) return;
    record.failure = failure;
    finish(record, failure);
    for (const parent of record.parents) this.#rejected(parent, failure);
  }
}

function finish(record: EvaluationRecord, failure?: Failure): void {
  record.asyncOrder = 'done';
  if (record.status === 'waiting') record.status = 'evaluated';
  if (failure === undefined) record.result?.resolve();
  else record.result?.reject(failure.error);
}

/** GatherAvailableAncestors: what waited for a record and for nothing else any more. */
function gatherReady(record: EvaluationRecord, ready: EvaluationRecord[]): void {
  for (const parent of record.parents) {
    if (ready.includes(parent) || (parent.root ?? parent).failure !== undefined) continue;
    parent.pending--;
    if (parent.pending > 0) continue;
    ready.push(parent);
    if (!parent.awaits) gatherReady(parent, ready);
  }
}

/** Takes a whole cycle off the stack. */
function closeCycle(root: EvaluationRecord, stack: EvaluationRecord[]): void {
  const members = stack.slice(stack.indexOf(root));
  // While an external was loaded, one of them may have failed.
  const failed = members.find(({ failure }) => failure !== undefined);
  if (failed !== undefined) throw failed.failure!.error;
  stack.length -= members.length;
  for (const member of members) {
    member.status = typeof member.asyncOrder === 'number' ? 'waiting' : 'evaluated';
    member.root = root;
  }
}

/** Runs steps up to the first promise; the promise of the rest when there is one. */
function begin(steps: Generator<Promise<void>, unknown>): Promise<void> | undefined {
  const { done, value } = steps.next();
  return done === true ? undefined : follow(steps, value as Promise<void>);
}

async function follow(steps: Generator<Promise<void>, unknown>, first: Promise<void>): Promise<void> {
  let waiting = first;
  for (;;) {
    const step = await waiting.then(
      () => steps.next(),
      (error: unknown) => steps.throw(error),
    );
    if (step.done === true) return;
    waiting = step.value;
  }
}

interface Deferred {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

function deferred(): Deferred {
  let resolve!: () => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<void>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}
