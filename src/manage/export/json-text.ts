/**
 * The text of a JSON object with one member set, and everything else as it stands. Objects on the way are made.
 *
 * @param text an object in JSON, known to be right
 * @param path keys from the outermost object on
 */
export function withMember(text: string, path: readonly string[], value: unknown): string {
  return set(text, text.indexOf('{'), path, value, 1);
}

function set(
  text: string,
  start: number,
  [key = '', ...rest]: readonly string[],
  value: unknown,
  depth: number,
): string {
  const members = membersOf(text, start);
  // JSON.parse keeps the last of several.
  const member = members.findLast((each) => each.key === key);
  if (member !== undefined && rest.length > 0 && text[member.from] === '{') {
    return set(text, member.from, rest, value, depth + 1);
  }
  const content = rest.reduceRight<unknown>((inner, name) => Object.fromEntries([[name, inner]]), value);
  const indent = '  '.repeat(depth);
  const written = JSON.stringify(content, null, 2).replaceAll('\n', `\n${indent}`);
  if (member !== undefined) return text.slice(0, member.from) + written + text.slice(member.to);
  const added = `\n${indent}${JSON.stringify(key)}: ${written}`;
  const last = members.at(-1);
  if (last !== undefined) return `${text.slice(0, last.to)},${added}${text.slice(last.to)}`;
  const end = text.indexOf('}', start);
  return `${text.slice(0, start + 1)}${added}\n${'  '.repeat(depth - 1)}${text.slice(end)}`;
}

interface Member {
  readonly key: string;
  /** Where its value stands. */
  readonly from: number;
  readonly to: number;
}

/** The members of the object that begins at an index. */
function membersOf(text: string, start: number): Member[] {
  const members: Member[] = [];
  let at = skipSpace(text, start + 1);
  while (text[at] === '"') {
    const keyEnd = valueEnd(text, at);
    const from = skipSpace(text, skipSpace(text, keyEnd) + 1);
    const to = valueEnd(text, from);
    members.push({ key: JSON.parse(text.slice(at, keyEnd)) as string, from, to });
    at = skipSpace(text, to);
    if (text[at] === ',') at = skipSpace(text, at + 1);
  }
  return members;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (/\s/.test(text[at] ?? '')) at++;
  return at;
}

/** Where the value ends that begins at an index. */
function valueEnd(text: string, from: number): number {
  const token = /"(?:[^"\\]|\\.)*"|[{}[\]]|[^\s{}[\]",:]+/gs;
  token.lastIndex = from;
  for (let depth = 0; ; ) {
    const match = token.exec(text);
    if (match === null) return text.length;
    if (/^[{[]/.test(match[0])) depth += 1;
    else if (/^[}\]]/.test(match[0])) depth -= 1;
    if (depth === 0) return token.lastIndex;
  }
}
