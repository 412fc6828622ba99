/** The images of handwritten digits in `experiments/data`. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

export interface Digit {
  /** Line of the file, from 0. */
  readonly index: number;
  /** 8 x 8 grey levels from 0 to 1, row by row. */
  readonly pixels: Float64Array;
  readonly label: number;
}

/** Reads a gzipped table with 64 grey levels from 0 to 16 and the digit in each line. */
export function readDigits(path: string): Digit[] {
  const lines = gunzipSync(readFileSync(path)).toString().trim().split('\n');
  return lines.map((line, index) => {
    const values = line.split(',').map(Number);
    return { index, pixels: Float64Array.from(values.slice(0, 64), (grey) => grey / 16), label: values[64]! };
  });
}

/** An image as eight lines of text, dense letters for dark pixels. */
export function sketch({ pixels }: Digit): string {
  const letters = Array.from(pixels, (grey) => ' .:-=+*#%@'[Math.round(grey * 9)]!.repeat(2));
  return letters.join('').match(/.{16}/g)!.join('\n');
}
