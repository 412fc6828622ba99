const BLOCKS = '▁▂▃▄▅▆▇█';
const ASCII_LEVELS = '_.-~=+*#';

/**
 * A series as a line of small bars: the mean of as many values as fall into each cell, scaled to the least and largest of
 * these means. A cell without any number is a space, infinities are at the ends, a constant series is halfway up.
 *
 * @param values NaN where a point is no number
 * @param width at most this many cells; a shorter series takes one for each value
 */
export function sparkline(values: Float64Array, width: number, unicode = true): string {
  const means = bucketMeans(values, Math.min(Math.max(0, Math.floor(width)), values.length));
  const finite = means.filter(Number.isFinite);
  const low = Math.min(...finite);
  const high = Math.max(...finite);
  const levels = unicode ? BLOCKS : ASCII_LEVELS;
  const top = levels.length - 1;
  return means
    .map((mean) => {
      if (Number.isNaN(mean)) return ' ';
      if (!Number.isFinite(mean)) return levels[mean > 0 ? top : 0];
      // Halves, since the difference of two numbers may be too large for one.
      const height = high > low ? (mean / 2 - low / 2) / (high / 2 - low / 2) : 0.45;
      return levels[Math.round(height * top)];
    })
    .join('');
}

function bucketMeans(values: Float64Array, count: number): number[] {
  return Array.from({ length: count }, (_, bucket) => {
    const from = Math.floor((bucket * values.length) / count);
    const to = Math.floor(((bucket + 1) * values.length) / count);
    let mean = Number.NaN;
    let numbers = 0;
    for (let i = from; i < to; i++) {
      const value = values[i]!;
      if (Number.isNaN(value)) continue;
      numbers += 1;
      mean = numbers === 1 ? value : mean * ((numbers - 1) / numbers) + value / numbers;
    }
    return mean;
  });
}
