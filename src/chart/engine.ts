/** Chart.js on a canvas, through chartjs-node-canvas. Heavy (4 MB of JavaScript, a native library): import it lazily. */
import { ChartJSNodeCanvas } from 'chartjs-node-canvas';
import type { ShimCanvas } from './canvas-shim.ts';
import { createCanvas, Image, registerFont } from './canvas-shim.ts';
import { FONT_FAMILY, fontFiles } from './fonts.ts';

/** What is used of Chart.js; its own types need the DOM library. */
interface ChartLibrary {
  readonly defaults: {
    readonly font: { family: string; size: number };
    color: string;
    locale: string;
    devicePixelRatio: number;
    readonly layout: { padding: object };
    readonly plugins: { readonly title: { font: object; color?: string } };
  };
  readonly instances: Readonly<Record<string, { destroy(): void }>>;
  readonly registry: { readonly controllers: { readonly items: Readonly<Record<string, unknown>> } };
}

/** The parts of ChartJSNodeCanvas that are set or called; its own types declare them read-only or need chart.js. */
interface Renderer {
  _width: number;
  _height: number;
  _type: 'svg' | undefined;
  _createCanvas: (width: number, height: number, type?: string) => ShimCanvas;
  _image: unknown;
  renderToBuffer(configuration: object): Promise<Buffer>;
}

let chartLibrary: ChartLibrary | undefined;
const renderer = createRenderer();

/** The chart types that can be drawn. */
export function chartTypes(): readonly string[] {
  return Object.keys(chartLibrary!.registry.controllers.items);
}

/** Draws a chart. The configuration is changed: give it a copy. */
export function draw(configuration: object, width: number, height: number, format: 'png' | 'svg'): Promise<Buffer> {
  // One renderer serves all sizes: it draws before it returns, and only the encoding goes on afterwards.
  renderer._width = width;
  renderer._height = height;
  renderer._type = format === 'svg' ? 'svg' : undefined;
  const living = new Set(Object.keys(chartLibrary!.instances));
  const image = Object.getOwnPropertyDescriptor(globalThis, 'Image');
  try {
    return renderer.renderToBuffer(configuration);
  } catch (error) {
    discardNewCharts(living);
    throw error;
  } finally {
    // chartjs-node-canvas puts its own Image there for a moment, and leaves it there after an error.
    if (image) Object.defineProperty(globalThis, 'Image', image);
    else Reflect.deleteProperty(globalThis, 'Image');
  }
}

/** Chart.js keeps a chart in its list of instances, also when the drawing failed halfway. */
function discardNewCharts(living: ReadonlySet<string>): void {
  for (const [id, chart] of Object.entries(chartLibrary!.instances)) {
    if (living.has(id)) continue;
    try {
      chart.destroy();
    } catch {
      // A half-made chart may be unable to take itself down; its drawing error is what matters.
    }
    delete (chartLibrary!.instances as Record<string, unknown>)[id];
  }
}

function createRenderer(): Renderer {
  for (const file of fontFiles()) registerFont(file, { family: FONT_FAMILY });
  const real = new ChartJSNodeCanvas({
    width: 1,
    height: 1,
    chartCallback: (library: unknown) => {
      chartLibrary = library as ChartLibrary;
      setDefaults(chartLibrary);
    },
  }) as unknown as Renderer;
  // From the bundle these are the same ones; from the source, `canvas` is only an alias of @napi-rs/canvas.
  real._createCanvas = createCanvas;
  real._image = Image;
  return real;
}

function setDefaults(library: ChartLibrary): void {
  library.defaults.font.family = `"${FONT_FAMILY}"`;
  library.defaults.font.size = 14;
  library.defaults.color = '#333333';
  // The system's locale would write 0.5 as 0,5 on some machines.
  library.defaults.locale = 'en';
  library.defaults.devicePixelRatio = 1;
  library.defaults.layout.padding = { top: 16, right: 28, bottom: 12, left: 12 };
  library.defaults.plugins.title.font = { size: 19, weight: 600 };
}
