/** From the polite end of a program to the hard one, in ms. */
const GRACE = 5_000;
/** Between two looks at whether they have ended, in ms. */
const LOOK = 10;

/** The programs that a run has started and that have not ended: a process group each. */
export class Programs {
  readonly #running = new Set<number>();
  readonly #asked = new Set<number>();
  #isOver = false;

  /** Whether the run is over: a program that ends from then on is ended with it. */
  get isOver(): boolean {
    return this.#isOver;
  }

  add(pid: number): void {
    this.#running.add(pid);
  }

  delete(pid: number): void {
    this.#running.delete(pid);
  }

  /** Asks a program to end; once, because some take a second time for an order. */
  ask(pid: number): void {
    if (this.#asked.has(pid)) return;
    this.#asked.add(pid);
    killGroup(pid, 'SIGTERM');
  }

  /** Ends all of them at once. */
  kill(): void {
    for (const pid of this.#running) killGroup(pid, 'SIGKILL');
  }

  /** Ends all of them with the run: those that do not follow in time are ended hard. */
  async end(): Promise<void> {
    this.#isOver = true;
    for (const pid of this.#running) this.ask(pid);
    const deadline = performance.now() + GRACE;
    while (this.#running.size > 0 && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, LOOK));
    }
    this.kill();
  }
}

/** Signals a process group; one that is gone already is fine. */
function killGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, signal);
  } catch (error) {
    // macOS says EPERM of a group in which only the dead are left.
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ESRCH' && code !== 'EPERM') throw error;
  }
}
