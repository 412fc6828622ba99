import { RunningStatistic } from '../../codec/running-statistic.ts';
import { HarvestProblem, shownValue } from './problem.ts';
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
  /** Rows that `where` was asked about, and those of them that it let pass. */
  readonly filtered = { rows: 0, passed: 0 };
  #first: unknown;
  #last: unknown;
  readonly #list: unknown[] = [];
  #numbers = new Float64Array(0);
  readonly #statistic = new RunningStatistic();
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
      const filter = this.noRowPassed() ?? '';
      const why = filter === '' ? '' : `: ${filter}`;
      throw new HarvestProblem(`Expected a value, but there is none${empty}${why}.`, { missing: 'value' });
    }
    if (take === 'only' && this.count > 1) {
      const both = `${shownValue(this.#first)} and ${shownValue(this.#last)}`;
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
        return this.#statistic.sum;
      case 'mean':
        return this.#statistic.mean;
      case 'sd':
        if (this.count < 2)
          throw new HarvestProblem('Expected two values or more for "sd", got one.', { missing: 'value' });
        return this.#statistic.deviation;
      default:
        return median(this.#numbers.subarray(0, this.count));
    }
  }

  /** Says that a filter let no row pass; undefined when there is none, or it did. */
  noRowPassed(): string | undefined {
    const { rows, passed } = this.filtered;
    return rows > 0 && passed === 0 ? `0 of ${rows} ${rows === 1 ? 'row' : 'rows'} passed the filter` : undefined;
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
    if (this.#take === 'median') this.#hold(value);
    else this.#statistic.add(value);
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
