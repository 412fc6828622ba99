import type { ProgressOptions } from './experiment.ts';

const WIDTH = 24;
/** Between two drawings of the bar, in ms. */
const INTERVAL = 100;

/** Where a bar is drawn; undefined when nobody watches. */
export interface ProgressScreen {
  readonly columns: number;
  draw(text: string): void;
  clear(): void;
}

/** Passes the items on, and shows how far the loop has come. */
export function progress<T>(
  items: Iterable<T> | AsyncIterable<T>,
  options: ProgressOptions,
  screen: ProgressScreen | undefined,
): Iterable<T> & AsyncIterable<T> {
  const total = options.total ?? lengthOf(items);
  const bar = new Bar(options.label ?? '', total, screen);
  return {
    *[Symbol.iterator]() {
      try {
        for (const item of items as Iterable<T>) {
          yield item;
          bar.step();
        }
      } finally {
        bar.end();
      }
    },
    async *[Symbol.asyncIterator]() {
      try {
        for await (const item of items) {
          yield item;
          bar.step();
        }
      } finally {
        bar.end();
      }
    },
  };
}

function lengthOf(items: unknown): number | undefined {
  const { length, size } = items as { length?: unknown; size?: unknown };
  return typeof length === 'number' ? length : typeof size === 'number' ? size : undefined;
}

class Bar {
  readonly #label: string;
  readonly #total: number | undefined;
  readonly #screen: ProgressScreen | undefined;
  readonly #started = performance.now();
  #drawn = 0;
  #done = 0;

  constructor(label: string, total: number | undefined, screen: ProgressScreen | undefined) {
    this.#label = label;
    this.#total = total;
    this.#screen = screen;
  }

  step(): void {
    this.#done++;
    if (this.#screen === undefined) return;
    const now = performance.now();
    if (now - this.#drawn < INTERVAL) return;
    this.#drawn = now;
    this.#screen.draw(
      progressLine(this.#label, this.#done, this.#total, now - this.#started).slice(0, this.#screen.columns - 1),
    );
  }

  end(): void {
    if (this.#drawn > 0) this.#screen?.clear();
  }
}

/** The text of a bar: `label ██████──── 60/100 60% 12s left`. Elapsed time in ms. */
export function progressLine(label: string, done: number, total: number | undefined, elapsed: number): string {
  const rate = done / Math.max(elapsed, 1);
  const start = label === '' ? '' : `${label} `;
  if (total === undefined || total <= 0) return `${start}${done} (${seconds(elapsed)})`;
  const share = Math.min(1, done / total);
  const full = Math.round(share * WIDTH);
  const left = rate > 0 ? `${seconds(Math.max(0, total - done) / rate)} left` : '';
  return `${start}${'█'.repeat(full)}${'─'.repeat(WIDTH - full)} ${done}/${total} ${Math.floor(share * 100)}% ${left}`;
}

function seconds(ms: number): string {
  const all = Math.round(ms / 1000);
  if (all < 60) return `${all}s`;
  return all < 3600
    ? `${Math.floor(all / 60)}m${all % 60}s`
    : `${Math.floor(all / 3600)}h${Math.floor((all % 3600) / 60)}m`;
}
