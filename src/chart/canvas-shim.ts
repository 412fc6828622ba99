/**
 * The part of node-canvas that chartjs-node-canvas uses, on top of the prebuilt `@napi-rs/canvas`: with it, no user
 * compiles anything. The build puts it in the place of `require('canvas')`.
 */
import { createRequire } from 'node:module';

// Not an import: when a CommonJS module throws while an ES module imports it, Node 20 ends the process, even where the
// error is caught. And this one throws where there is no prebuilt canvas.
const canvasLibrary: typeof import('@napi-rs/canvas') = createRequire(import.meta.url)('@napi-rs/canvas');

type Settled = (error: Error | null, result?: Buffer) => void;

/** A canvas whose `toBuffer` is the one of node-canvas. */
export interface ShimCanvas {
  toBuffer(settled: Settled, mimeType?: string): void;
}

export const Image: unknown = canvasLibrary.Image;

/** Draws on a picture of `width` x `height` pixels, or on a vector drawing when `type` is `svg`. */
export function createCanvas(width: number, height: number, type?: string): ShimCanvas {
  return type === 'svg' ? svgCanvas(width, height) : pngCanvas(width, height);
}

/** Makes the font in `path` known by the name `family`. */
export function registerFont(path: string, options: { readonly family: string }): void {
  if (canvasLibrary.GlobalFonts.registerFromPath(path, options.family) === null) {
    throw new Error(`The font file ${path} cannot be read.`);
  }
}

function pngCanvas(width: number, height: number): ShimCanvas {
  const canvas = canvasLibrary.createCanvas(width, height);
  return withToBuffer(canvas, (settled) => {
    // Encoded on a thread of its own: PNG compression is two thirds of the time of a chart.
    canvas.encode('png').then(
      (png) => settled(null, png),
      (error: Error) => settled(error),
    );
  });
}

function svgCanvas(width: number, height: number): ShimCanvas {
  // Letters as outlines: the drawing looks the same where the font is not installed.
  const canvas = canvasLibrary.createCanvas(width, height, canvasLibrary.SvgExportFlag.ConvertTextToPaths);
  return withToBuffer(canvas, (settled) => settled(null, canvas.getContent()));
}

function withToBuffer(canvas: object, toBuffer: ShimCanvas['toBuffer']): ShimCanvas {
  Object.defineProperty(canvas, 'toBuffer', { value: toBuffer, configurable: true });
  return canvas as ShimCanvas;
}
