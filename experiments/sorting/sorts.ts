/** Ways to sort numbers. */

/** Gives the numbers in rising order; may change the row it got. */
export type Sort = (values: Float64Array) => ArrayLike<number>;

/** By name. A copy that a sort needs is part of its work. */
export const sorts: Readonly<Record<string, Sort>> = {
  float64array: (values) => values.sort(),
  array: (values) => Array.from(values).sort((a, b) => a - b),
  merge: mergeSort,
  insertion: insertionSort,
};

/** Merges neighbours of width 1, 2, 4 and so on, from one row into the other. */
function mergeSort(values: Float64Array): Float64Array {
  let from = values;
  let to: Float64Array = new Float64Array(values.length);
  for (let width = 1; width < values.length; width *= 2) {
    for (let start = 0; start < values.length; start += 2 * width) merge(from, to, start, width);
    [from, to] = [to, from];
  }
  return from;
}

function merge(from: Float64Array, to: Float64Array, start: number, width: number): void {
  const middle = Math.min(start + width, from.length);
  const end = Math.min(start + 2 * width, from.length);
  for (let i = start, j = middle, k = start; k < end; k++) {
    to[k] = j >= end || (i < middle && from[i]! <= from[j]!) ? from[i++]! : from[j++]!;
  }
}

export function insertionSort(values: Float64Array): Float64Array {
  for (let i = 1; i < values.length; i++) {
    const value = values[i]!;
    let j = i;
    for (; j > 0 && values[j - 1]! > value; j--) values[j] = values[j - 1]!;
    values[j] = value;
  }
  return values;
}
