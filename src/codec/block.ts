const NEWLINE = 10;
const FIRST_BYTES = 4 * 1024;
/** From here on the bytes of a record are counted exactly: three for each unit of UTF-16 would waste memory. */
const LARGE = 64 * 1024;

/** Records that wait to be written, one behind the other, each with its newline. */
export class Block {
  #buffer: Buffer = Buffer.allocUnsafeSlow(FIRST_BYTES);
  #end = 0;

  /** Its bytes are the first `end` of these, until something is added. */
  get buffer(): Buffer {
    return this.#buffer;
  }

  /** Number of bytes. */
  get end(): number {
    return this.#end;
  }

  /** Adds a record; returns its bytes, with the newline. */
  add(record: string): number {
    const most = (record.length < LARGE ? record.length * 3 : Buffer.byteLength(record)) + 1;
    if (this.#end + most > this.#buffer.length) this.#grow(this.#end + most);
    const bytes = this.#buffer.write(record, this.#end) + 1;
    this.#end += bytes;
    this.#buffer[this.#end - 1] = NEWLINE;
    return bytes;
  }

  /** Takes bytes off the end, at most all of them. */
  removeLast(bytes: number): void {
    this.#end = Math.max(0, this.#end - bytes);
  }

  /** Takes bytes off the beginning. */
  removeFirst(bytes: number): void {
    if (bytes < this.#end) this.#buffer.copyWithin(0, bytes, this.#end);
    this.#end -= bytes;
  }

  /** Whether the byte before a position is within a line. */
  isInsideLine(at: number): boolean {
    return this.#buffer[at - 1] !== NEWLINE;
  }

  /** Where the line begins that the byte before a position belongs to; at least 0. */
  lineStart(at: number): number {
    return this.#buffer.lastIndexOf(NEWLINE, at - 1) + 1;
  }

  /** Where the line ends, behind its newline, that holds a position. */
  lineEnd(at: number): number {
    return this.#buffer.indexOf(NEWLINE, at) + 1;
  }

  /** Number of lines that end before a position. */
  linesBefore(at: number): number {
    let lines = 0;
    for (let end = this.lineEnd(0); end > 0 && end <= at; end = this.lineEnd(end)) lines += 1;
    return lines;
  }

  /** Gives back memory that a large block took, once it is empty. */
  shrink(limit: number): void {
    if (this.#end === 0 && this.#buffer.length > limit) this.#buffer = Buffer.allocUnsafeSlow(FIRST_BYTES);
  }

  #grow(needed: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#buffer.length * 2));
    this.#buffer.copy(larger, 0, 0, this.#end);
    this.#buffer = larger;
  }
}
