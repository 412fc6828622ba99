/** Records that may be written through at once, and how many more each millisecond allows. */
const BURST = 1000;
const TOKENS_PER_MS = 10;

/** How many records may be handed to the kernel one by one: 10,000 a second with bursts of 1,000. */
export class Budget {
  #tokens = BURST;
  #refilledAt = Number.NEGATIVE_INFINITY;

  /** Whether one more is allowed now; it counts as used then. */
  take(now: number): boolean {
    const elapsed = now - this.#refilledAt;
    if (elapsed > 0) {
      this.#tokens = Math.min(BURST, this.#tokens + elapsed * TOKENS_PER_MS);
      this.#refilledAt = now;
    }
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
