const FIRST_LENGTH = 64;
const MAX_LENGTH = 8192;

/**
 * Numbers in the order they came, 8 bytes each. They lie in blocks: an array that grows would be copied again and again,
 * and what it leaves behind counts as memory until it is collected.
 */
export class NumberList {
  readonly #full: Float64Array[] = [];
  #block = new Float64Array(FIRST_LENGTH);
  #end = 0;

  push(value: number): void {
    if (this.#end === this.#block.length) this.#grow();
    this.#block[this.#end++] = value;
  }

  toArray(): number[] {
    const numbers: number[] = [];
    for (const block of this.#full) for (const value of block) numbers.push(value);
    for (let i = 0; i < this.#end; i++) numbers.push(this.#block[i]!);
    return numbers;
  }

  #grow(): void {
    this.#full.push(this.#block);
    this.#block = new Float64Array(Math.min(MAX_LENGTH, this.#block.length * 2));
    this.#end = 0;
  }
}
