import type { Comment, Program } from 'oxc-parser';
import type { ParameterNode } from './parameters.ts';

/** What a comment says: its text, and its tags. */
interface Doc {
  readonly text: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
}

/** Documentation of a parameter: its JSDoc, else the line comment behind it. */
export function parameterDoc(
  parameter: ParameterNode,
  statement: { readonly start: number },
  text: string,
  comments: readonly Comment[],
): Doc {
  const { declaration, declarator } = parameter;
  const isFirst = declaration.declarations[0] === declarator;
  // Of `export const A = 1, B = 2` the comment above describes A.
  const block =
    attachedBlock(declarator.start, text, comments) ??
    (isFirst ? attachedBlock(declaration.start, text, comments) : undefined) ??
    (isFirst ? attachedBlock(statement.start, text, comments) : undefined);
  const jsdoc = block === undefined ? undefined : readDoc(block.value);
  const trailing = trailingComment(declarator.end, text, comments);
  const behind = trailing === undefined ? undefined : readDoc(trailing);
  return { text: jsdoc?.text ?? behind?.text, tags: { ...behind?.tags, ...jsdoc?.tags } };
}

/** The JSDoc at the head of a module when it describes the module: it is not attached to a declaration. */
export function moduleDescription(program: Program, text: string, comments: readonly Comment[]): string | undefined {
  const isPrelude = (node: Program['body'][number]): boolean =>
    node.type === 'ImportDeclaration' || (node.type === 'ExpressionStatement' && typeof node.directive === 'string');
  const first = program.body.find((node) => !isPrelude(node));
  const isDeclaration = first !== undefined && /Declaration$|^Export|^TS/.test(first.type);
  const attached = isDeclaration ? attachedBlock(first.start, text, comments) : undefined;
  for (const comment of comments) {
    if (comment.start >= (first?.start ?? text.length)) return undefined;
    if (!isJsDoc(comment) || comment === attached) continue;
    const { text: description, tags } = readDoc(comment.value);
    // A licence is no description.
    if ('license' in tags || 'preserve' in tags || description === undefined) continue;
    return description;
  }
  return undefined;
}

function isJsDoc(comment: Comment): boolean {
  return comment.type === 'Block' && comment.value.startsWith('*') && comment.value !== '*';
}

/** Text of the JSDoc directly before an offset. */
export function docBefore(offset: number, text: string, comments: readonly Comment[]): string | undefined {
  const block = attachedBlock(offset, text, comments);
  return block === undefined ? undefined : readDoc(block.value).text;
}

/** The JSDoc directly before an offset; other comments may stand between, a blank line may not. */
function attachedBlock(offset: number, text: string, comments: readonly Comment[]): Comment | undefined {
  let start = offset;
  for (let i = comments.length - 1; i >= 0; i--) {
    const comment = comments[i]!;
    if (comment.end > start) continue;
    const between = text.slice(comment.end, start);
    if (between.trim() !== '' || (between.match(/\r\n|[\n\r]/g)?.length ?? 0) > 1) return undefined;
    // A comment that stands behind other code on its line belongs to that code.
    const lineStart =
      Math.max(text.lastIndexOf('\n', comment.start - 1), text.lastIndexOf('\r', comment.start - 1)) + 1;
    const before = text.slice(lineStart, comment.start).trim();
    if (/[\n\r]/.test(between) && before !== '' && !before.endsWith('*/')) return undefined;
    if (isJsDoc(comment)) return comment;
    start = comment.start;
  }
  return undefined;
}

const DIRECTIVE =
  /^\s*(@ts-|eslint-|biome-ignore|oxlint-|prettier-ignore|c8 |v8 |istanbul |#region|#endregion|[#@] source)/;

function trailingComment(end: number, text: string, comments: readonly Comment[]): string | undefined {
  for (const comment of comments) {
    if (comment.start < end || comment.type !== 'Line') continue;
    const isBehind = /^[ \t]*[,;]?[ \t]*$/.test(text.slice(end, comment.start));
    return isBehind && !DIRECTIVE.test(comment.value) ? comment.value.replace(/^\/+/, '') : undefined;
  }
  return undefined;
}

/** Reads the inside of a comment: text, and tags at the start of a line or behind white space. */
function readDoc(value: string): Doc {
  const lines = value.split(/\r\n|[\n\r]/).map((line) => line.replace(/^\s*\* ?/, '').trimEnd());
  const text: string[] = [];
  const tags = new Map<string, string[]>();
  let current = text;
  let fenced = false;
  for (const line of lines) {
    const isFence = /^\s*(```|~~~)/.test(line);
    if (isFence) fenced = !fenced;
    if (fenced || isFence) {
      current.push(line);
      continue;
    }
    let rest = line;
    for (let tag = nextTag(rest); tag !== undefined; tag = nextTag(rest)) {
      if (rest.slice(0, tag.start).trim() !== '') current.push(rest.slice(0, tag.start));
      current = tags.get(tag.name) ?? [];
      tags.set(tag.name, current);
      rest = rest.slice(tag.end).trimStart();
    }
    current.push(rest);
  }
  const joined = join(text);
  const entries = [...tags].map(([name, parts]) => [name, join(parts)] as const);
  return { text: joined === '' ? undefined : joined, tags: Object.fromEntries(entries) };
}

/** The next tag of a line; `{@link x}`, code, addresses and package names are none. */
function nextTag(line: string): { readonly name: string; readonly start: number; readonly end: number } | undefined {
  const pattern = /`[^`]*`|\{@[^}]*\}|(?:^|(?<=\s))@([A-Za-z][\w-]*)(?=\s|$)/g;
  for (const match of line.matchAll(pattern)) {
    const name = match[1];
    if (name !== undefined) return { name, start: match.index, end: match.index + match[0].length };
  }
  return undefined;
}

function join(lines: readonly string[]): string {
  return lines
    .map((line) => line.trimEnd())
    .join('\n')
    .replace(/^\s*\n/, '')
    .trim();
}
