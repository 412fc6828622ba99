/**
 * Colours that people with colour blindness tell apart, without the yellow that is pale on white (M. Okabe and K. Ito,
 * Color Universal Design, 2008).
 */
export const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#000000'] as const;

/** Chart types whose one dataset wants a colour for each of its values. */
const BY_VALUE = new Set(['pie', 'doughnut', 'polarArea']);
const HALF = '80';
const FULL_FILL = new Set(['bar', 'bubble', 'scatter']);

/** The datasets, with colours of the palette where none of them says any. */
export function coloured(type: string, datasets: readonly object[]): object[] {
  const isColoured = (dataset: object): boolean => 'borderColor' in dataset || 'backgroundColor' in dataset;
  if (datasets.some(isColoured)) return datasets.map((dataset) => ({ ...dataset }));
  return datasets.map((dataset, index) => {
    const own = (dataset as { type?: unknown }).type;
    const kind = typeof own === 'string' ? own : type;
    if (BY_VALUE.has(kind)) return { backgroundColor: [...COLOURS], ...dataset };
    const colour = COLOURS[index % COLOURS.length]!;
    return { borderColor: colour, backgroundColor: FULL_FILL.has(kind) ? `${colour}b0` : colour + HALF, ...dataset };
  });
}
