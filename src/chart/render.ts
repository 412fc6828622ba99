import { ComexError, didYouMean } from '../errors.ts';
import { coloured } from './colours.ts';
import type { ChartConfiguration } from './configuration.ts';

/** How {@link renderChart} draws. */
export interface RenderOptions {
  /** Width in CSS pixels. Default 1200. */
  readonly width?: number;
  /** Height in CSS pixels. Default 700. */
  readonly height?: number;
  /** `png` (default) or `svg`; in an SVG, letters are outlines. */
  readonly format?: 'png' | 'svg';
  /** Pixels per CSS pixel of a PNG, such as 2 for print. Default 1. An SVG needs none, and ignores it. */
  readonly scale?: number;
  /** A CSS colour. Default white; `transparent` for none. */
  readonly background?: string;
}

/** The longest side of a picture, in pixels. */
const MAX_SIDE = 16_384;

/** Renders wait for one another, each with a turn of the event loop before it. */
let last: Promise<unknown> = Promise.resolve();

/**
 * Draws a chart with Chart.js, by way of chartjs-node-canvas.
 *
 * No animation, not responsive; the font comes with comex, so that a chart looks the same on every machine. The
 * configuration is not changed. Where no dataset says a colour, colours that everybody tells apart are taken. Chart.js is loaded by the first call (about 0.1 s).
 *
 * @param configuration - a Chart.js 4 configuration; a missing `type` or an unknown one is an error
 * @returns the bytes of the PNG or SVG file
 * @throws ComexError `E_CHART` when the configuration cannot be drawn (with the `cause`), when a size is not valid,
 * or when there is no prebuilt canvas for this platform
 *
 * @example
 * ```ts
 * import { writeFileSync } from 'node:fs';
 * import { renderChart } from 'comex/chart';
 *
 * const png = await renderChart({
 *   type: 'line',
 *   data: { labels: [1, 2, 3], datasets: [{ label: 'loss', data: [0.9, 0.4, 0.2] }] },
 * });
 * writeFileSync('loss.png', png);
 * ```
 */
export async function renderChart(configuration: ChartConfiguration, options: RenderOptions = {}): Promise<Buffer> {
  const size = checkOptions(options);
  checkShape(configuration);
  const engine = await loadEngine();
  checkTypes(configuration, engine.chartTypes());
  const chart = prepared(configuration, options, size);
  const rendered = last.then(async () => {
    // Native canvases are freed only after a turn of the event loop; without it 100 charts in a row take 700 MB.
    await new Promise((resolve) => setImmediate(resolve));
    return engine.draw(chart, size.width, size.height, size.format);
  });
  last = rendered.catch(() => undefined);
  try {
    return await rendered;
  } catch (cause) {
    throw new ComexError('E_CHART', `Expected a chart that Chart.js can draw, but it says: ${text(cause)}`, { cause });
  }
}

interface Size {
  readonly width: number;
  readonly height: number;
  readonly scale: number;
  readonly format: 'png' | 'svg';
}

function checkOptions(options: RenderOptions): Size {
  const { width = 1200, height = 700, format = 'png' } = options;
  if (format !== 'png' && format !== 'svg') {
    throw new ComexError('E_CHART', `Expected the format of a chart to be "png" or "svg", got ${shown(format)}.`);
  }
  const scale = format === 'svg' ? 1 : (options.scale ?? 1);
  if (!(typeof scale === 'number' && scale > 0)) {
    throw new ComexError('E_CHART', `Expected the scale of a chart to be a number above 0, got ${shown(scale)}.`);
  }
  for (const [name, value] of Object.entries({ width, height })) {
    const pixels = typeof value === 'number' ? value * scale : Number.NaN;
    if (Number.isInteger(value) && pixels >= 1 && pixels <= MAX_SIDE) continue;
    const times = scale === 1 ? '' : ` (times the scale ${scale})`;
    throw new ComexError(
      'E_CHART',
      `Expected the ${name} of a chart to be a whole number of pixels from 1 to ${MAX_SIDE}, got ${shown(value)}${times}.`,
    );
  }
  return { width, height, scale, format };
}

function checkShape(configuration: ChartConfiguration): void {
  if (!isObject(configuration)) {
    throw new ComexError('E_CHART', `Expected a Chart.js configuration { type, data }, got ${shown(configuration)}.`);
  }
  if (!isObject(configuration.data) || !Array.isArray(configuration.data.datasets)) {
    throw new ComexError('E_CHART', 'Expected data.datasets of a chart to be an array, such as [{ data: [1, 2] }].');
  }
  for (const [index, dataset] of configuration.data.datasets.entries()) {
    if (isObject(dataset)) continue;
    throw new ComexError(
      'E_CHART',
      `Expected data.datasets[${index}] of a chart to be an object such as { data: [1, 2] }, got ${shown(dataset)}.`,
    );
  }
}

function checkTypes(configuration: ChartConfiguration, known: readonly string[]): void {
  const types: [string, unknown][] = [['type', configuration.type]];
  for (const [index, dataset] of configuration.data.datasets.entries()) {
    if ('type' in dataset) types.push([`data.datasets[${index}].type`, dataset.type]);
  }
  for (const [place, type] of types) {
    if (typeof type === 'string' && known.includes(type)) continue;
    const hint = typeof type === 'string' ? didYouMean(type, known) : '';
    throw new ComexError(
      'E_CHART',
      `Expected ${place} of a chart to be one of ${known.join(', ')}, got ${shown(type)}.${hint}`,
    );
  }
}

/** A copy that Chart.js may write to. */
function prepared(configuration: ChartConfiguration, options: RenderOptions, size: Size): object {
  const { labels, datasets } = configuration.data;
  return {
    ...configuration,
    data: {
      ...configuration.data,
      ...(labels && { labels: [...labels] }),
      datasets: coloured(configuration.type, datasets),
    },
    options: { ...configuration.options, devicePixelRatio: size.scale },
    plugins: [background(options.background ?? '#ffffff', size), ...(configuration.plugins ?? [])],
  };
}

function background(colour: string, size: Size): object {
  return {
    id: 'comex-background',
    beforeDraw({ ctx }: { readonly ctx: { fillStyle: string; fillRect(...box: number[]): void } & Saved }) {
      ctx.save();
      ctx.fillStyle = colour;
      ctx.fillRect(0, 0, size.width, size.height);
      ctx.restore();
    },
  };
}

interface Saved {
  save(): void;
  restore(): void;
}

async function loadEngine(): Promise<typeof import('./engine.ts')> {
  try {
    return await import('./engine.ts');
  } catch (cause) {
    throw new ComexError(
      'E_CHART',
      `Charts cannot be drawn on this ${process.platform}-${process.arch} machine: ${firstSentence(text(cause))}. ` +
        'Install comex again with its optional dependencies (npm install --include=optional), or draw them elsewhere.',
      { cause },
    );
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function shown(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : isObject(value) ? typeof value : String(value);
}

function text(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

function firstSentence(message: string): string {
  return message.split(/\. |\n/, 1)[0]!.replace(/\.$/, '');
}
