import { isNarrowing } from '../archive/summaries.ts';
import { encodePretty } from '../codec/json.ts';
import { measureDisk, type Usage } from '../manage/disk.ts';
import { type Overview, overviewOf } from '../manage/overview.ts';
import { type LookOptions, type LookScope, lookScope, nameBroken } from './look-scope.ts';
import { agoText, bytesText, countText, durationText, groupedText } from './quantity.ts';
import { harmless, harmlessJson, paint, type Screen, statusStyle } from './screen.ts';
import { fact, section, sectionScreen, tableSection, wrappedFact } from './sections.ts';
import { type SelectionOptions, selectRuns } from './selection.ts';
import { sparkline } from './sparkline.ts';

const MAX_ROWS = 15;

export interface OverviewOptions {
  /** Whether to look at every file for what it takes. Default true. */
  readonly disk?: boolean | undefined;
}

export function overviewCommand(
  words: readonly string[],
  given: LookOptions & SelectionOptions & OverviewOptions,
): Promise<number> {
  const { status, tag, namespace, job, since, sort, limit, children, disk } = given;
  return overview(words, { status, tag, namespace, job, since, sort, limit, children, disk }, lookScope(given));
}

/** `comex overview`: what an archive, or a part of it, holds in numbers. Returns the exit status. */
export async function overview(
  words: readonly string[],
  { disk, ...filter }: SelectionOptions & OverviewOptions,
  scope: LookScope,
): Promise<number> {
  const { results, cwd, out, err, json, screen } = scope;
  const now = scope.now ?? Date.now();
  const { runs, broken, all } = await selectRuns(words, filter, { results, cwd, now });
  nameBroken(broken, scope);
  const isWhole = words.length === 0 && !isNarrowing(filter);
  const usage = disk === false || runs.length === 0 ? undefined : usageOf(runs, isWhole, scope);
  const seen = overviewOf(runs, broken.length, usage, now);
  if (json) out(`${harmlessJson(encodePretty(seen, 'the overview'))}\n`);
  else if (runs.length > 0) out(text(seen, screen, now));
  else if (all.length > 0) err(`No match among ${countText(all.length, 'run')} in ${harmless(results)}.\n`);
  else err(`No runs in ${harmless(results)} yet. Start one with "comex run FILE".\n`);
  return 0;
}

function usageOf(runs: readonly { path: string }[], isWhole: boolean, scope: LookScope): Usage {
  // The whole archive also has broken runs, a trash and an index.
  const { bytes, inodes, broken } = measureDisk(scope.results, isWhole ? undefined : runs.map(({ path }) => path));
  nameBroken(broken, scope);
  return { bytes, inodes };
}

function text(seen: Overview, screen: Screen, now: number): string {
  const { bold, dim } = paint(screen);
  const { totalMs, medianMs, longestMs } = seen.time;
  const times = [
    `${durationText(totalMs)} in all`,
    ...(medianMs === null ? [] : [`median ${durationText(medianMs)}`]),
    ...(longestMs === null ? [] : [`longest ${durationText(longestMs)}`]),
  ];
  const broken = seen.broken === 0 ? '' : `  ${dim(`and ${groupedText(seen.broken)} that cannot be read`)}`;
  return [
    `${bold(countText(seen.runs, 'run'))}${broken}\n`,
    section('status', statusLines(seen, screen), screen),
    seen.successRate === null ? '' : wrappedFact('success', successText(seen), screen),
    wrappedFact('time', times.join(', '), screen),
    daysText(seen, screen),
    seen.disk === null
      ? ''
      : fact('disk', `${bytesText(seen.disk.bytes)}, ${countText(seen.disk.inodes, 'inode')}`, screen),
    experimentsText(seen, screen, now),
    errorsText(seen, screen),
  ].join('');
}

/** `12 done · 3 failed`, on as many lines as it takes. */
function statusLines({ statuses }: Overview, screen: Screen): string[] {
  const styles = paint(screen);
  const gap = screen.unicode ? ' · ' : ' | ';
  const room = sectionScreen(screen).columns;
  const lines: string[] = [];
  let used = room;
  for (const [status, count] of Object.entries(statuses)) {
    const name = harmless(status);
    const width = groupedText(count).length + 1 + name.length;
    const shown = `${groupedText(count)} ${statusStyle(status, styles)(name)}`;
    if (used + gap.length + width > room) {
      lines.push(shown);
      used = width;
    } else {
      lines[lines.length - 1] += gap + shown;
      used += gap.length + width;
    }
  }
  return lines;
}

function successText({ successRate, statuses }: Overview): string {
  const rate = (successRate ?? 0) * 100;
  // 99.97 % of ten thousand runs is not all of them.
  const rounded = rate > 99.5 && rate < 100 ? rate.toFixed(2).replace(/^100\.00$/, '99.99') : rate.toFixed(0);
  return `${rounded} % of those that have ended (${countText(statuses.done ?? 0, 'run')} done)`;
}

function daysText({ days }: Overview, screen: Screen): string {
  const total = days.reduce((sum, { runs }) => sum + runs, 0);
  if (days.length < 2) return total === 0 ? '' : fact('per day', `${countText(total, 'run')} today`, screen);
  if (total === 0) return fact('per day', `none in the last ${countText(days.length, 'day')}`, screen);
  const most = days.reduce((best, day) => (day.runs > best.runs ? day : best));
  const said = ` up to ${groupedText(most.runs)} (${most.day}), over ${countText(days.length, 'day')}`;
  const room = sectionScreen(screen).columns;
  const line = sparkline(
    Float64Array.from(days, ({ runs }) => runs),
    Math.max(8, room - said.length),
    screen.unicode,
  );
  return fact('per day', `${line}${said}`, screen);
}

function experimentsText({ experiments }: Overview, screen: Screen, now: number): string {
  const { bold } = paint(screen);
  const rows = experiments
    .slice(0, MAX_ROWS)
    .map(({ namespace, runs, done, failed, latestAt }) => [
      namespace,
      groupedText(runs),
      groupedText(done),
      groupedText(failed),
      agoText(new Date(latestAt), now),
    ]);
  const right = { align: 'right' } as const;
  return tableSection(
    'by name',
    [
      { head: 'experiment', shrink: true, min: 10, style: bold },
      { head: 'runs', ...right },
      { head: 'done', ...right },
      { head: 'not', ...right },
      { head: 'latest', ...right },
    ],
    [...rows, ...moreRow(experiments.length)],
    screen,
  );
}

function errorsText({ errors }: Overview, screen: Screen): string {
  if (errors.length === 0) return '';
  const { red, cyan } = paint(screen);
  const rows = errors
    .slice(0, MAX_ROWS)
    .map(({ name, count, latest, message }) => [name, groupedText(count), latest, message]);
  return tableSection(
    'errors',
    [
      { head: 'error', shrink: true, min: 10, style: red },
      { head: 'runs', align: 'right' },
      { head: 'latest', style: cyan },
      { head: 'it said', shrink: true, min: 10 },
    ],
    [...rows, ...moreRow(errors.length)],
    screen,
  );
}

function moreRow(count: number): string[][] {
  return count > MAX_ROWS ? [[`and ${groupedText(count - MAX_ROWS)} more`]] : [];
}
