import type { Line } from './line.ts';

/** What is used of a Chart.js chart when it draws. */
interface DrawnChart {
  readonly ctx: {
    lineWidth: number;
    strokeStyle: string;
    save(): void;
    restore(): void;
    beginPath(): void;
    moveTo(x: number, y: number): void;
    lineTo(x: number, y: number): void;
    stroke(): void;
  };
  readonly chartArea: { readonly bottom: number };
  readonly scales: { readonly x: { getPixelForValue(value: number): number } };
}

/** `3 values not finite (in train, val)`, or nothing when all are. */
export function gapNote(lines: readonly Line[], labels: readonly string[]): string {
  if (lines.every((line) => line.length === 0)) return 'no points';
  const gaps = lines.reduce((sum, line) => sum + line.gaps, 0);
  if (gaps === 0) return '';
  const note = `${gaps.toLocaleString('en')} ${gaps === 1 ? 'value' : 'values'} not finite`;
  if (lines.length === 1) return note;
  const where = labels.filter((_, index) => lines[index]!.gaps > 0);
  return `${note} (in ${where.slice(0, 4).join(', ')}${where.length > 4 ? ', …' : ''})`;
}

/** A plugin: short strokes on the axis of steps where values are not finite. A narrow gap in a line is easily missed. */
export function gapMarks(lines: readonly Line[], colours: readonly string[]): object {
  return {
    id: 'comex-gaps',
    afterDatasetsDraw({ ctx, chartArea, scales }: DrawnChart) {
      ctx.save();
      ctx.lineWidth = 2;
      for (const [index, { points }] of lines.entries()) {
        ctx.strokeStyle = colours[index]!;
        ctx.beginPath();
        for (const { x, y } of points) {
          if (!Number.isNaN(y)) continue;
          const pixel = scales.x.getPixelForValue(x);
          ctx.moveTo(pixel, chartArea.bottom - 9);
          ctx.lineTo(pixel, chartArea.bottom);
        }
        ctx.stroke();
      }
      ctx.restore();
    },
  };
}
