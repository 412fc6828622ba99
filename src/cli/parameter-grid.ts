import type { ParameterSource } from '../archive/layout.ts';
import { groupedText } from './quantity.ts';
import { harmless, paint, type Screen } from './screen.ts';
import { section, sectionScreen, tableSection } from './sections.ts';
import { cut, displayWidth, pad } from './width.ts';

/** A parameter as it is shown: its name, its value as text, where that came from, and the default's source text. */
export type ShownParameter = readonly [
  name: string,
  value: string,
  source: ParameterSource,
  defaultText?: string | undefined,
];

/** With more parameters than this, those at their default share lines. */
const MAX_LINES = 8;
const MAX_SHARED_LINES = 6;
const MAX_SHARED_CELL = 32;

/** Where the files of the experiment themselves give the value. */
export const OWN_SOURCES: ReadonlySet<ParameterSource> = new Set([
  'default',
  'derived',
  'config',
  'inherited',
] as const);

/** Whether a parameter has another value than its experiment gives it. */
export function differs([, value, source, defaultText]: ShownParameter): boolean {
  return !OWN_SOURCES.has(source) && (defaultText === undefined || plain(value) !== plain(defaultText));
}

/** `1e3`, `1_000` and `1000` are the same, and so are texts in other quotes. */
function plain(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  const number = Number(line.replaceAll('_', ''));
  return line === '' || Number.isNaN(number) ? line.replace(/^(['"`])(.*)\1$/, '$2') : String(number);
}

/**
 * Parameters behind a label, one on a line; those that differ from the default are marked and say it.
 *
 * @param options `all`: each on a line of its own, however many there are
 */
export function parameterGrid(
  label: string,
  parameters: readonly ShownParameter[],
  screen: Screen,
  options: { readonly all?: boolean } = {},
): string {
  if (options.all === true || parameters.length <= MAX_LINES) return lines(label, parameters, screen);
  const changed = parameters.filter(differs);
  const rest = parameters.filter((parameter) => !differs(parameter));
  return lines(label, changed, screen) + shared(changed.length === 0 ? label : '', rest, screen);
}

function lines(label: string, parameters: readonly ShownParameter[], screen: Screen): string {
  const { bold, dim } = paint(screen);
  const mark = screen.unicode ? '• ' : '* ';
  const anyDiffers = parameters.some(differs);
  const columns = [
    { head: '', style: (cell: string, text: string) => (text.startsWith(mark) ? bold(cell) : cell) },
    { head: '', shrink: true, min: 6 },
    { head: '', shrink: true, min: 10, style: dim },
  ];
  const rows = parameters.map((parameter) => {
    const [name, value, source, defaultText] = parameter;
    const remark = differs(parameter)
      ? defaultRemark(defaultText, source)
      : source === 'derived' || source === 'inherited'
        ? `(${source})`
        : '';
    return [`${differs(parameter) ? mark : anyDiffers ? '  ' : ''}${name}`, value, remark];
  });
  return tableSection(label, columns, rows, screen);
}

function defaultRemark(defaultText: string | undefined, source: ParameterSource): string {
  const by = source === 'testing' ? 'testing, ' : source === 'assigned' ? 'assigned, ' : '';
  return defaultText === undefined ? `(${by}no default)` : `(${by}default ${oneLine(defaultText)})`;
}

/** `NAME=value` in as many columns as fit. */
function shared(label: string, parameters: readonly ShownParameter[], screen: Screen): string {
  if (parameters.length === 0) return '';
  const room = sectionScreen(screen).columns;
  const cells = parameters.map(([name, value]) =>
    cut(harmless(`${name}=${value}`), Math.min(room, MAX_SHARED_CELL), screen),
  );
  const width = Math.max(...cells.map(displayWidth));
  const count = Math.max(1, Math.floor((room + 2) / (width + 2)));
  const all: string[] = [];
  for (let i = 0; i < cells.length; i += count) {
    all.push(
      cells
        .slice(i, i + count)
        .map((cell) => pad(cell, width))
        .join('  ')
        .trimEnd(),
    );
  }
  const left = parameters.length - MAX_SHARED_LINES * count;
  const kept = left > 0 ? [...all.slice(0, MAX_SHARED_LINES), `and ${groupedText(left)} more`] : all;
  const { dim } = paint(screen);
  return section(label, kept.map(dim), screen);
}

/** Source text on one line. */
export function oneLine(text: string | undefined): string | undefined {
  return text?.replace(/\s+/g, ' ').trim();
}
