/** Thrown inside an evaluation when the source alone does not tell a value. */
export class NotStatic extends Error {}

/** Letters of a text, or values inside a value: beyond that, a value is for the run to work out. */
const MAX_SIZE = 100_000;

/** Keeps values small, also those that hold the same array many times over. */
export class Sizes {
  private readonly known = new WeakMap<object, number>();

  /** The value itself, when it is not too large. */
  check<T>(value: T): T {
    this.checkLength(this.size(value));
    return value;
  }

  checkLength(length: number): void {
    if (length > MAX_SIZE) throw new NotStatic();
  }

  private size(value: unknown): number {
    if (typeof value === 'string') return value.length;
    if (typeof value !== 'object' || value === null) return 1;
    const known = this.known.get(value);
    if (known !== undefined) return known;
    if (ArrayBuffer.isView(value)) return 1 + value.byteLength;
    if (Array.isArray(value)) this.checkLength(value.length);
    // While it is being measured: a value from outside may hold itself.
    this.known.set(value, MAX_SIZE);
    let size = 1;
    for (const inner of Object.values(Object.getOwnPropertyDescriptors(value))) {
      size += 'value' in inner ? this.size(inner.value) : 1;
      this.checkLength(size);
    }
    this.known.set(value, size);
    return size;
  }
}
