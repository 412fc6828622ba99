import { join } from 'node:path';
import type { Compared, Difference, Finding, Ready, Reproduction } from '../manage/reproduce/index.ts';
import { bytesText, countText, durationText, groupedText } from './quantity.ts';
import { pathText } from './run-facts.ts';
import { harmless, paint, type Screen, type Style, statusStyle } from './screen.ts';
import { fact, pathFact } from './sections.ts';
import { valueText } from './value-text.ts';
import { cut, displayWidth, pad, wrap } from './width.ts';

const MAX_ROWS = 60;
/** Names take this part of the width at most, and texts have so many cells at least. */
const NAME_SHARE = 0.4;
const NARROWEST = 16;
/** Of a value so many letters are shown, some of them in front of what differs. */
const LONGEST = 60;
const LEAD = 12;

/** What is told before the run: where it comes from, and what is not as it was. */
export function readyText({ run, project, installed, differences }: Ready, screen: Screen, cwd: string): string {
  const { bold, cyan } = paint(screen);
  const packages = installed
    ? 'installed from the lock file of the run'
    : project === undefined
      ? 'none'
      : pathText(join(project, 'node_modules'), cwd);
  const status = statusStyle(run.status, paint(screen))(harmless(run.status));
  return [
    `${bold(harmless(run.namespace))}  ${cyan(harmless(run.id))}  ${status}\n`,
    pathFact('folder', pathText(run.path, cwd), screen),
    installed || project === undefined ? fact('packages', packages, screen) : pathFact('packages', packages, screen),
    differencesText(differences, screen),
  ].join('');
}

function differencesText(differences: readonly Difference[], screen: Screen): string {
  const { bold } = paint(screen);
  if (differences.length === 0)
    return fact('changed', 'nothing: code, inputs, packages and machine are as they were', screen);
  const rows = differences.map(({ part, name, recorded = '', now = '', note = '' }): Row => {
    const change = recorded === '' && now === '' ? '' : `${recorded || 'none'} -> ${now || 'none'}`;
    return [part, name, change === '' ? note : note === '' ? change : `${change} (${note})`];
  });
  return `${bold('changed since the run')}\n${rowsText(rows, screen, bold)}`;
}

/** The verdict, and what differs. */
export function verdictText(outcome: Reproduction, screen: Screen, cwd: string): string {
  const { bold, dim, green, red } = paint(screen);
  const { findings, compared, reproduction, kept, identical } = outcome;
  const took = reproduction.durationMs === undefined ? '' : `, took ${durationText(reproduction.durationMs)}`;
  const what = dim(` (${comparedText(compared)}${took})`);
  const most = identical ? undefined : mostRelative(findings);
  const near = most === undefined ? '' : `: numbers alone, by at most ${precise(most)} of themselves`;
  const head = identical ? `${green(bold('identical'))}${what}\n` : `${red(bold('not identical'))}${near}${what}\n`;
  const left = compared.ignored.length === 0 ? '' : dim(`not compared: ${namesText(compared.ignored)}\n`);
  const keptAt = kept === undefined ? '' : `kept in ${harmless(pathText(kept, cwd))}\n`;
  return `${head}${findingsText(findings, screen)}${left}${keptAt}`;
}

/** The largest relative difference; undefined where something else than numbers differs, or 0 became another number. */
function mostRelative(findings: readonly Finding[]): number | undefined {
  const all = findings.map(({ part, maxRelative, note }) =>
    note === undefined && part !== 'parameters' ? maxRelative : undefined,
  );
  return all.some((each) => each === undefined) ? undefined : Math.max(...all.map((each) => each ?? 0));
}

function comparedText({ data, points, series, rows, tables, artifacts, runs }: Compared): string {
  const parts = [
    'result',
    countText(data, 'value'),
    `${countText(series, 'series').replace(/seriess$/, 'series')} of ${countText(points, 'point')}`,
    ...(tables === 0 ? [] : [`${countText(tables, 'table')} of ${countText(rows, 'row')}`]),
    countText(artifacts, 'artifact'),
    ...(runs === 1 ? [] : [countText(runs, 'run')]),
  ];
  return parts.join(', ');
}

function namesText(names: readonly string[]): string {
  const unique = [...new Set(names)];
  const shown = unique.slice(0, 8).map(harmless).join(', ');
  return unique.length > 8 ? `${shown} and ${groupedText(unique.length - 8)} more` : shown;
}

function findingsText(findings: readonly Finding[], screen: Screen): string {
  if (findings.length === 0) return '';
  const { bold, cyan, dim } = paint(screen);
  const rows = findings
    .slice(0, MAX_ROWS)
    .map(
      (finding): Row => [
        finding.part,
        `${finding.run === undefined ? '' : `${finding.run}: `}${finding.name}`,
        howText(finding),
      ],
    );
  const more =
    findings.length > rows.length
      ? dim(`  and ${groupedText(findings.length - rows.length)} more; --json has all\n`)
      : '';
  return `${bold('what differs')}\n${rowsText(rows, screen, cyan)}${more}`;
}

/** How a finding differs, in words. */
function howText(finding: Finding): string {
  const { differing, of, unit, first, bytes, line, note } = finding;
  const parts: string[] = [];
  if ('original' in finding || 'reproduction' in finding) {
    const isHash = finding.part === 'inputs' || finding.part === 'references';
    const side = (key: 'original' | 'reproduction'): string =>
      !(key in finding) ? 'none' : isHash ? String(finding[key]) : valueText(finding[key]);
    parts.push(around(side('original'), side('reproduction')).join(' -> '));
  }
  if (differing !== undefined && unit !== undefined) {
    const total = of === undefined ? countText(differing, unit) : `${groupedText(differing)} of ${countText(of, unit)}`;
    const where = { point: 'from step', item: 'the first at', row: 'the first in row' }[unit];
    parts.push(first === undefined ? total : `${total}, ${where} ${first}`);
  }
  parts.push(...sizeOf(finding));
  if (bytes !== undefined) {
    parts.push(bytes[0] === bytes[1] ? bytesText(bytes[0]) : `${bytesText(bytes[0])} -> ${bytesText(bytes[1])}`);
  }
  if (line !== undefined) parts.push(`line ${line.number}: ${quoted(line.original)} -> ${quoted(line.reproduction)}`);
  if (note !== undefined) parts.push(note);
  return parts.join('; ');
}

function sizeOf({ maxAbsolute, maxRelative, differing }: Finding): string[] {
  if (maxAbsolute === undefined) return [];
  const relative = maxRelative === undefined ? '' : ` (relative ${precise(maxRelative)})`;
  return [`by ${differing === undefined ? '' : 'at most '}${precise(maxAbsolute)}${relative}`];
}

/** Two digits tell the size of a difference. */
function precise(value: number): string {
  return value === 0
    ? '0'
    : value >= 0.001 && value < 10_000
      ? String(Number(value.toPrecision(3)))
      : value.toExponential(1);
}

/** Of long texts what is around their first difference. */
function around(original: string, reproduction: string): readonly [string, string] {
  if (Math.max(original.length, reproduction.length) <= LONGEST) return [original, reproduction];
  let same = 0;
  while (same < original.length && original[same] === reproduction[same]) same++;
  const from = Math.max(0, same - LEAD);
  const piece = (text: string): string =>
    `${from > 0 ? '...' : ''}${text.slice(from, from + LONGEST)}${text.length > from + LONGEST ? '...' : ''}`;
  return [piece(original), piece(reproduction)];
}

function quoted(line: string): string {
  return line === '' ? "''" : `'${line.length > 60 ? `${line.slice(0, 60)}...` : line}'`;
}

/** What a line is about, the name of it, and what is said of it. */
type Row = readonly [part: string, name: string, text: string];

/** Lines in columns; of a text that is too long the rest stands below. */
function rowsText(rows: readonly Row[], screen: Screen, style: Style): string {
  const { dim } = paint(screen);
  const parts = Math.max(...rows.map(([part]) => part.length));
  const longest = Math.max(...rows.map(([, name]) => displayWidth(harmless(name))));
  const names = Math.min(longest, Math.floor(screen.columns * NAME_SHARE));
  const room = Math.max(NARROWEST, screen.columns - parts - names - 6);
  return rows
    .map(([part, name, text]) => {
      const [first = '', ...more] = wrap(harmless(text), room);
      const head = `  ${dim(pad(part, parts))}  ${style(pad(cut(harmless(name), names, screen), names))}  ${first}`;
      return [head, ...more.map((line) => ' '.repeat(parts + names + 6) + line)]
        .map((line) => `${line.trimEnd()}\n`)
        .join('');
    })
    .join('');
}
