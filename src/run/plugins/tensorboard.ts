import { readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { makeInnerFolder } from '../../archive/inner-folder.ts';
import type { Plugin, PluginPoint, PluginProject, PluginRun } from '../plugin.ts';
import { imageEvent, scalarEvent, textEvent } from './event.ts';
import { EventFile } from './event-file.ts';
import { imageSize } from './image-size.ts';
import { checkOptions } from './options.ts';

/** The folder of event files in a run folder. */
const FOLDER = 'tensorboard';

/**
 * Writes the series of a run as an event file of TensorBoard while it goes on: `tensorboard --logdir results` shows them
 * all. Numbers are scalars, texts are texts, tracked PNG, JPEG and GIF pictures are images.
 *
 * - `folder`: where runs get folders `<namespace>/<run folder>`, relative to the project. Default: `tensorboard/` in
 *   each run folder
 *
 * What TensorBoard cannot hold: it keeps 32 bits of a number; steps are whole, so others are rounded; a series is of one
 * kind, so points of another kind than its first are left out, as are further step axes, SVG and WebP pictures, and
 * parameters. A run that tracks nothing gets no file.
 */
export function tensorboard(given: Readonly<Record<string, unknown>>, project: PluginProject): Plugin {
  const { folder } = checkOptions('tensorboard', given, { folder: 'text' });
  const kinds = new Map<string, string>();
  const leftOut = new Set<string>();
  let file: EventFile | undefined;

  const open = (run: PluginRun): EventFile => {
    const place =
      folder === undefined
        ? join(run.path, FOLDER)
        : resolve(project.root, folder, ...run.namespace.split('/'), basename(run.path));
    if (folder === undefined) makeInnerFolder(place, run.path);
    return new EventFile(place, run.startedAt.getTime() / 1000, (error) =>
      run.log(`the event file ends here: ${error.message}`),
    );
  };
  const skip = (run: PluginRun, name: string, why: string): void => {
    if (leftOut.has(name)) return;
    leftOut.add(name);
    run.log(`the series "${name}" is not whole in TensorBoard: ${why}.`);
  };

  return {
    onTrack(run, point) {
      const kind = typeof point.value;
      const first = kinds.get(point.name);
      if (first === undefined) kinds.set(point.name, kind);
      else if (first !== kind) return skip(run, point.name, 'it has values of several kinds');
      const event = eventOf(run, point);
      if (event === undefined) return skip(run, point.name, 'it shows PNG, JPEG and GIF pictures only');
      file ??= open(run);
      file.add(event);
    },
    afterRun() {
      file?.close();
    },
  };
}

function eventOf(run: PluginRun, { name, step, time, value }: PluginPoint): Buffer | undefined {
  const wallTime = (run.startedAt.getTime() + time) / 1000;
  const whole = Math.round(step);
  if (typeof value === 'number') return scalarEvent(wallTime, whole, name, value);
  if (typeof value === 'string') return textEvent(wallTime, whole, name, value);
  const data = readFileSync(join(run.path, value.image));
  const size = imageSize(data);
  return size === undefined ? undefined : imageEvent(wallTime, whole, name, { ...size, data });
}
