/** Work that was begun and may not have been awaited: a run waits for it before it ends. */
export class Pending {
  readonly #all = new Set<Promise<unknown>>();

  add<T>(work: Promise<T>): Promise<T> {
    const tracked = work.finally(() => this.#all.delete(tracked));
    this.#all.add(tracked);
    return tracked;
  }

  /** Resolves when none is left; whatever fails is the matter of whoever began it. */
  async settle(): Promise<void> {
    while (this.#all.size > 0) await Promise.allSettled(this.#all);
  }
}
