import {
  type Alias,
  Composer,
  type CST,
  type Document,
  isAlias,
  isCollection,
  isPair,
  isScalar,
  type Node,
  Parser,
} from 'yaml';
import { clipped, MAX_DEPTH, MAX_LENGTH } from './limits.ts';
import type { Report } from './report.ts';

/** The nodes of a YAML document. */
export interface ConfigDocument {
  /** With `\n` as the only line break, and without a byte order mark. */
  readonly text: string;
  readonly root: Node;
  /** What each alias stands for. */
  readonly targets: ReadonlyMap<Alias, Node>;
}

/** The text with `\n` as the only line break, and without a byte order mark: lines and columns stay. */
export function normalised(text: string): string {
  return (text.startsWith('\uFEFF') ? text.slice(1) : text).replace(/\r\n?/g, '\n');
}

/**
 * The one document of a YAML 1.2 file; undefined when it is none, which is reported.
 *
 * @param text As `normalised` gives it.
 */
export function parseDocument(text: string, report: Report): ConfigDocument | undefined {
  if (text.length > MAX_LENGTH) {
    const advice = 'Put large data in a file of its own, and give its path.';
    report.add(0, `Expected at most ${MAX_LENGTH} characters, got ${text.length}. ${advice}`);
    return undefined;
  }
  const documents = composed(text, report);
  const [document, second] = documents ?? [];
  if (document === undefined) return undefined;
  if (second !== undefined) {
    report.add(second.range[0], 'Expected one YAML document, got a second one. Put it in a file of its own.');
    return undefined;
  }
  if (reportSyntax(document, text, report)) return undefined;
  const root = document.contents;
  if (root === null || (isScalar(root) && root.value === null)) {
    report.add(0, 'Expected a mapping such as "extend: ./experiment.ts", got an empty file.');
    return undefined;
  }
  return { text, root, targets: linked(root, report) };
}

function composed(text: string, report: Report): Document.Parsed[] | undefined {
  const tokens: CST.Token[] = [];
  for (const token of new Parser().parse(text)) {
    const deep = deepPlace(token);
    if (deep !== undefined) {
      report.add(deep, `Expected at most ${MAX_DEPTH} levels of nesting, got more.`);
      return undefined;
    }
    tokens.push(token);
  }
  const composer = new Composer({
    // Whatever a %YAML line says.
    schema: 'core',
    intAsBigInt: true,
    resolveKnownTags: false,
    // It compares each key with each other.
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'silent',
  });
  return [...composer.compose(tokens, true, text.length)] as Document.Parsed[];
}

/** Where a token is nested too deeply for the composer, which goes down level by level. */
function deepPlace(token: CST.Token): number | undefined {
  const left: { token: CST.Token; depth: number }[] = [{ token, depth: 0 }];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const { token: inner, depth } = next;
    if (depth > MAX_DEPTH) return inner.offset;
    if (inner.type === 'document' && inner.value !== undefined) left.push({ token: inner.value, depth });
    for (const item of 'items' in inner ? inner.items : []) {
      if (item.key != null) left.push({ token: item.key, depth: depth + 1 });
      if (item.value !== undefined) left.push({ token: item.value, depth: depth + 1 });
    }
  }
  return undefined;
}

/** Whether there were errors; the first of each line, as one leads to others. */
function reportSyntax({ errors, directives }: Document.Parsed, text: string, report: Report): boolean {
  const lines = new Set<number>();
  for (const { pos, message } of errors) {
    const { line } = report.place(pos[0]);
    if (lines.has(line)) continue;
    lines.add(line);
    const advice = hasBareReference(text, pos[0])
      ? ' Inside of [ ] and { }, put a text with an environment variable in quotes.'
      : '';
    report.add(pos[0], `Expected YAML: ${clipped(message.replace(/\s+/g, ' '))}.${advice}`);
  }
  if (errors.length > 0) return true;
  if (directives.yaml.version === '1.2') return false;
  report.add(0, `Expected YAML 1.2, got a directive of YAML ${directives.yaml.version}. Remove that line.`);
  return true;
}

/** Whether the line of an offset has `${NAME}` in a flow collection, where YAML takes the brace for one more. */
function hasBareReference(text: string, offset: number): boolean {
  const end = text.indexOf('\n', offset);
  const line = text.slice(text.lastIndexOf('\n', offset - 1) + 1, end < 0 ? text.length : end);
  const flow = line.search(/\[|(?<!\$)\{/);
  return flow >= 0 && line.includes('${', flow);
}

/** The node that each alias means: the nearest one before it with that anchor. */
function linked(root: Node, report: Report): Map<Alias, Node> {
  const anchors = new Map<string, Node>();
  const targets = new Map<Alias, Node>();
  const visit = (node: unknown): void => {
    if (isAlias(node)) {
      const target = anchors.get(node.source);
      if (target !== undefined) targets.set(node, target);
      else {
        const name = clipped(node.source);
        report.add(node.range![0], `Expected an anchor "&${name}" before the alias "*${name}", found none.`);
      }
      return;
    }
    if (isPair(node)) {
      visit(node.key);
      visit(node.value);
      return;
    }
    if ((isScalar(node) || isCollection(node)) && node.anchor !== undefined) anchors.set(node.anchor, node as Node);
    if (isCollection(node)) node.items.forEach(visit);
  };
  visit(root);
  return targets;
}
