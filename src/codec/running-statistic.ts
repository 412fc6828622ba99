/**
 * Mean and standard deviation of numbers that come one by one. The sum is compensated (Neumaier), the squares are those of
 * the differences from the running mean (Welford). Equal numbers have exactly their own mean and a deviation of 0.
 */
export class RunningStatistic {
  /** How many numbers there were. */
  count = 0;
  #mean = 0;
  #squares = 0;
  #sum = 0;
  #lost = 0;

  add(value: number): void {
    this.count += 1;
    const before = value - this.#mean;
    this.#mean += before / this.count;
    this.#squares += before * (value - this.#mean);
    const next = this.#sum + value;
    this.#lost += Math.abs(this.#sum) >= Math.abs(value) ? this.#sum - next + value : value - next + this.#sum;
    this.#sum = next;
  }

  get sum(): number {
    return Number.isFinite(this.#sum) ? this.#sum + this.#lost : this.#sum;
  }

  /** NaN of none. */
  get mean(): number {
    if (this.count === 0) return Number.NaN;
    // The division of a rounded sum would not give back the number that all of them are.
    if (this.#squares === 0) return this.#mean;
    const { sum } = this;
    // Where the sum is larger than any double, the running mean need not be.
    return Number.isFinite(sum) || !Number.isFinite(this.#mean) ? sum / this.count : this.#mean;
  }

  /** Of the sample (n - 1); NaN of fewer than two. */
  get variance(): number {
    return this.count < 2 ? Number.NaN : this.#squares / (this.count - 1);
  }

  /** Of the sample (n - 1); NaN of fewer than two. */
  get deviation(): number {
    return Math.sqrt(this.variance);
  }
}

export function statisticOfNumbers(values: Iterable<number>): RunningStatistic {
  const statistic = new RunningStatistic();
  for (const value of values) statistic.add(value);
  return statistic;
}
