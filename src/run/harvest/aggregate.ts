import { HarvestProblem, quoted } from './problem.ts';
import type { HarvestTake } from './rules.ts';

const LONGEST_LIST = 10_000;
/** The middle of more than these is not looked for: all of them have to be held. */
const MOST_SORTED = 10_000_000;

/** Makes one value of those that a rule finds, in the order in which they come. */
export class Aggregate {
  readonly #take: HarvestTake;
  /** Values so far, without the empty ones. */
  count = 0;
  /** Cells and fields without a value. */
  empty = 0;
  #first: unknown;
  #last: unknown;
  readonly #list: unknown[] = [];
  #numbers = new Float64Array(0);
  /** Running mean and sum of squared differences from it (Welford). */
  #mean = 0;
  #squares = 0;
  /** Compensated sum (Neumaier). */
  #sum = 0;
  #lost = 0;
  #extreme: unknown;

  constructor(take: HarvestTake) {
    this.#take = take;
  }

  /** @throws HarvestProblem when there are too many to hold */
  add(value: unknown): void {
    this.count += 1;
    switch (this.#take) {
      case 'count':
        return;
      case 'list':
        if (this.count > LONGEST_LIST) {
          throw new HarvestProblem(
            `Expected at most ${LONGEST_LIST} values in a list, got more. Take their mean, or register the file.`,
          );
        }
        this.#list.push(own(value));
        return;
      case 'only':
      case 'first':
      case 'last':
        if (this.count === 1) this.#first = own(value);
        this.#last = value;
        return;
      case 'min':
      case 'max':
        this.#addExtreme(value);
        return;
      default:
        this.#addNumber(Number(value));
    }
  }

  /**
   * What came of them all.
   *
   * @throws HarvestProblem when there is none, or not the one that was expected
   */
  end(): unknown {
    const take = this.#take;
    if (take === 'count') return this.count;
    if (this.count === 0) {
      const empty = this.empty === 0 ? '' : `, and ${this.empty} without a value`;
      throw new HarvestProblem(`Expected a value, but there is none${empty}.`, { missing: 'value' });
    }
    if (take === 'only' && this.count > 1) {
      const both = `${shown(this.#first)} and ${shown(this.#last)}`;
      const which = this.count === 2 ? `two: ${both}` : `${this.count}, from ${both}`;
      const advice = 'Say which: "take": "first", "last", "mean", "list", ...';
      throw new HarvestProblem(`Expected one value, got ${which}. ${advice}`);
    }
    switch (take) {
      case 'only':
      case 'first':
        return this.#first;
      case 'last':
        return own(this.#last);
      case 'list':
        return this.#list;
      case 'min':
      case 'max':
        return this.#extreme;
      case 'sum':
        return this.#total();
      case 'mean':
        return this.#average();
      case 'sd':
        if (this.count < 2)
          throw new HarvestProblem('Expected two values or more for "sd", got one.', { missing: 'value' });
        return Math.sqrt(this.#squares / (this.count - 1));
      default:
        return median(this.#numbers.subarray(0, this.count));
    }
  }

  /** NaN wins over every number, as in a sum. */
  #addExtreme(value: unknown): void {
    const isDate = value instanceof Date;
    const next = isDate ? value : Number(value);
    const [a, b] = [Number(this.#extreme), Number(next)];
    const wins = this.#take === 'min' ? b < a : b > a;
    if (this.count === 1 || (!Number.isNaN(a) && (wins || Number.isNaN(b)))) this.#extreme = next;
  }

  #addNumber(value: number): void {
    if (this.#take === 'median') {
      this.#hold(value);
      return;
    }
    const before = value - this.#mean;
    this.#mean += before / this.count;
    this.#squares += before * (value - this.#mean);
    const next = this.#sum + value;
    this.#lost += Math.abs(this.#sum) >= Math.abs(value) ? this.#sum - next + value : value - next + this.#sum;
    this.#sum = next;
  }

  #hold(value: number): void {
    if (this.count > MOST_SORTED) {
      throw new HarvestProblem(`Expected at most ${MOST_SORTED} values for "median", got more. Take the mean.`);
    }
    if (this.count > this.#numbers.length) {
      const larger = new Float64Array(Math.max(1024, this.#numbers.length * 2));
      larger.set(this.#numbers);
      this.#numbers = larger;
    }
    this.#numbers[this.count - 1] = value;
  }

  #total(): number {
    return Number.isFinite(this.#sum) ? this.#sum + this.#lost : this.#sum;
  }

  /** Where the sum is larger than any double, the running mean need not be. */
  #average(): number {
    const total = this.#total();
    return Number.isFinite(total) || !Number.isFinite(this.#mean) ? total / this.count : this.#mean;
  }
}

function median(numbers: Float64Array): number {
  if (numbers.some(Number.isNaN)) return Number.NaN;
  const sorted = numbers.sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : sorted[middle - 1]! / 2 + sorted[middle]! / 2;
}

/** A piece of a text keeps the whole of it in memory; a copy does not. */
function own(value: unknown): unknown {
  return typeof value === 'string' ? Buffer.from(value).toString() : value;
}

function shown(value: unknown): string {
  return typeof value === 'string'
    ? quoted(value)
    : typeof value === 'number'
      ? String(value)
      : quoted(JSON.stringify(value) ?? String(value));
}
