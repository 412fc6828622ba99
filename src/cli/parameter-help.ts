import { hasSeveralFiles } from '../experiment/chain.ts';
import type { Definition } from '../experiment/define.ts';
import { hookPointsOf } from '../experiment/hooks.ts';
import { contributing, type Parameter } from '../experiment/parameter.ts';
import { isSpecialName, SPECIAL_PARAMETERS } from '../experiment/special.ts';
import { defaultOf } from './known-parameters.ts';
import { oneLine } from './parameter-grid.ts';
import { pathText } from './run-facts.ts';
import { harmless, type Paint, paint, type Screen } from './screen.ts';
import { cut, displayWidth, pad, wrap } from './width.ts';

/** Lines longer than this are hard to read, however wide the screen is. */
const MAX_WIDTH = 100;
const DOC_INDENT = '      ';
/** Longest default that is shown. */
const MAX_DEFAULT = 200;

/** What `comex run FILE --help` says of an experiment: what it is, and its parameters. */
export function parameterHelp(definition: Definition, screen: Screen, cwd: string = process.cwd()): string {
  const styles = paint(screen);
  const width = Math.min(MAX_WIDTH, screen.columns);
  const all = [...definition.declared.values()];
  const own = all.filter(({ name }) => !isSpecialName(name));
  const required = own.filter(isRequired).map(({ name }) => `--${name} VALUE`);
  const usage = ['comex run', pathText(definition.path, cwd), ...required, '[--NAME VALUE]...'].join(' ');
  const description = (definition.description ?? '')
    .split(/\n\s*\n/)
    .flatMap((text) => wrap(harmless(flat(text)), width));
  return [
    ...(description.length === 0 ? [] : [...description, '']),
    ...wrap(harmless(usage), width - 7).map((line, index) =>
      index === 0 ? `${styles.bold('Usage:')} ${line}` : `       ${line}`,
    ),
    '',
    ...(own.length === 0 ? ['It has no parameters of its own.'] : [styles.bold('Parameters')]),
    ...own.flatMap((declaration) =>
      parameterLines(
        declaration,
        hasSeveralFiles(definition.chain) ? originRemark(declaration, cwd) : [],
        width,
        screen,
        styles,
      ),
    ),
    ...hookLines(definition, width, styles),
    '',
    styles.bold('Special parameters'),
    ...specialLines(
      all.filter(({ name }) => isSpecialName(name)),
      width,
      screen,
      styles,
    ),
  ].join('\n');
}

function parameterLines(
  declaration: Parameter,
  origin: readonly string[],
  width: number,
  screen: Screen,
  styles: Paint,
): string[] {
  const { name, typeText, tags, uses } = declaration;
  const type = cut(harmless(flat(typeText)), Math.max(20, width), screen);
  const remarks = [
    ...(isRequired(declaration) ? ['required'] : []),
    ...(declaration.defaultText === undefined ? [] : [`default ${defaultText(declaration, screen)}`]),
    ...(uses.length > 0 ? [`follows ${uses.join(', ')}`] : []),
    ...(tags.unit ? [`in ${tags.unit}`] : []),
    ...origin,
  ].map((text) => harmless(text));
  const isBoolean = declaration.type.kind === 'boolean';
  const head = `--${name} <${type}>${isBoolean ? `, --no-${name}` : ''}`;
  const remark = remarks.length === 0 ? '' : `(${remarks.join('; ')})`;
  const room = width - DOC_INDENT.length;
  const fits = 2 + displayWidth(head) + 2 + displayWidth(remark) <= width;
  const styleRemark = isRequired(declaration) ? styles.yellow : styles.dim;
  const headLines = wrap(head, width - 2).map((line, index) =>
    index === 0 ? `  ${bolded(line, name, styles)}` : `${DOC_INDENT}${line}`,
  );
  const doc = declaration.doc === undefined ? [] : wrap(harmless(flat(declaration.doc)), room);
  return [
    ...(fits ? [`${headLines[0]}${remark === '' ? '' : `  ${styleRemark(remark)}`}`] : headLines),
    ...(fits || remark === '' ? [] : wrap(remark, room).map((line) => DOC_INDENT + styleRemark(line))),
    ...doc.map((line) => DOC_INDENT + line),
  ];
}

/** Which file says what a parameter is. */
function originRemark({ levels }: Parameter, cwd: string): string[] {
  const [first] = levels;
  if (first === undefined) return [];
  const place = pathText(first.file, cwd);
  if (first.form !== 'inherit') return [`from ${place}`];
  const source = contributing(levels).below[0];
  const there = source?.text === undefined ? '' : `, there ${oneLine(source.text)}`;
  return source === undefined
    ? [`from ${place}`]
    : [`from ${place}, which inherits it from ${pathText(source.file, cwd)}${there}`];
}

/** The hooks that the experiment applies, with what their JSDoc says. */
function hookLines({ chain }: Definition, width: number, { bold, dim }: Paint): string[] {
  const points = [...hookPointsOf(chain)];
  if (points.length === 0) return [];
  return [
    '',
    bold('Hooks'),
    ...points.flatMap(([name, { doc }]) => [
      `  ${bold(harmless(name))}`,
      ...(doc === undefined
        ? []
        : wrap(harmless(flat(doc)), width - DOC_INDENT.length).map((line) => DOC_INDENT + dim(line))),
    ]),
  ];
}

function bolded(line: string, name: string, { bold }: Paint): string {
  const option = `--${name}`;
  return line.startsWith(option) ? bold(option) + line.slice(option.length) : line;
}

function specialLines(specials: readonly Parameter[], width: number, screen: Screen, { dim }: Paint): string[] {
  const column = Math.max(...specials.map(({ name }) => name.length + 2));
  const room = width - column - 4;
  return specials.flatMap((declaration) => {
    const { name, doc } = declaration;
    const own = declaration.defaultText === JSON.stringify(SPECIAL_PARAMETERS[name]?.default);
    const text = `${doc ?? ''}${own ? '' : ` Here ${defaultText(declaration, screen)}.`}`;
    if (room < 24)
      return [`  --${name}`, ...wrap(harmless(text), width - DOC_INDENT.length).map((line) => DOC_INDENT + dim(line))];
    const lines = wrap(harmless(text), room);
    return lines.map((line, index) => `  ${pad(index === 0 ? `--${name}` : '', column)}  ${dim(line)}`);
  });
}

function defaultText(declaration: Parameter, screen: Screen): string {
  return cut(harmless(oneLine(defaultOf(declaration)) ?? ''), MAX_DEFAULT, screen);
}

/** Whether a run needs a value for it: it has no default, and may not be undefined. */
function isRequired({ defaultText, type }: Parameter): boolean {
  const optional =
    type.kind === 'undefined' || (type.kind === 'union' && type.members.some(({ kind }) => kind === 'undefined'));
  return defaultText === undefined && !optional;
}

function flat(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
