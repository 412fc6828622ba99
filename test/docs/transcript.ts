/** One command of a `console` block, and what it is shown to print. */
export interface Exchange {
  readonly command: string;
  readonly shown: readonly string[];
}

/** The commands of a `console` block: lines that begin with `$ `, each followed by its output. */
export function exchangesOf(text: string): Exchange[] {
  const exchanges: { command: string; shown: string[] }[] = [];
  for (const line of text.trimEnd().split('\n')) {
    const last = exchanges.at(-1);
    if (line.startsWith('$ ')) exchanges.push({ command: line.slice(2), shown: [] });
    else if (last === undefined) throw new Error(`Expected a console block to begin with "$ ", got "${line}".`);
    else last.shown.push(line);
  }
  return exchanges;
}

/** An id as it is shown: in the name of a folder, a panel, a table or JSON. */
export const SHOWN_ID =
  /(?<=\d\d-\d\d-\d\d__)(?!x{8})[0-9a-z]{8}\b|(?<=^\S+ {2})[0-9a-z]{8}(?=$| {2})|^[0-9a-z]{8}(?=\s+(?:done|failed|interrupted|timeout|running|killed)\b)|(?<="id": ?")[0-9a-z]{8}(?=")/g;

/** What differs from run to run and from machine to machine. Nothing else may differ between a document and a run. */
const VARYING: ReadonlyArray<readonly [pattern: RegExp, stands: string]> = [
  // Run folders and moments.
  [/\d{4}-\d\d-\d\d__\d\d-\d\d-\d\d__(?=[0-9a-z]{8}|<id>)/g, '<moment>__'],
  [/\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:\.\d{3})?Z?/g, '<moment>'],
  // Runs inside of runs.
  [/(?<=[├└]─ \S+ {2})[0-9a-z]{8}(?= {2})/g, '<id>'],
  // Durations and ages, in text and in JSON.
  [/\b\d+(?:\.\d+)? (?:ms|s|min|h)\b(?: \d\d (?:s|min)\b)?/g, '<time>'],
  [/<time> ago|(?<=\(| {2}|done )now\b/g, '<age>'],
  [/("(?:durationMs|cpuUserMs|cpuSystemMs)": ?)[\d.]+/g, '$1<time>'],
  [/^(\["[^"]+",[\d.]+,)[\d.]+,/g, '$1<time>,'],
  // Seeds that nobody chose.
  [/\b\d+ \(drawn\)/g, '<seed> (drawn)'],
  // Sizes of pictures, of machines and of what names them.
  [/\b\d+(?:\.\d+)? (?:B|kB|MB)\b/g, '<size>'],
  [/("(?:maxRssBytes|memoryBytes)": ?)\d+/g, '$1<size>'],
  [/("bytes": ?)\d+/g, '$1<size>'],
  // The machine.
  [/\bprocess \d+/g, 'process <pid>'],
  [/("(?:count|available|pid)": ?)\d+(?=,?$)/g, '$1<number>'],
  [
    /("(?:node|v8|platform|release|arch|host|model|bootId|processStart|pidNamespace|LANG|TZ|CI)": ?)(?:"[^"]*"|null|\d+)/g,
    '$1<text>',
  ],
  // Hashes.
  [/\b[0-9a-f]{32,64}\b/g, '<hash>'],
];

/**
 * A line as it is compared: without what varies, and with every gap of two or more spaces as one of two, since the width
 * of a column depends on what varies.
 *
 * @param ids ids of runs, of which each is replaced
 */
export function comparable(line: string, ids: Iterable<string>, root: string): string {
  let text = line.trimEnd().replaceAll(root, '<project>');
  for (const id of ids) text = text.replaceAll(id, '<id>');
  for (const [pattern, stands] of VARYING) text = text.replace(pattern, stands);
  return text.replace(/ {2,}/g, '  ');
}

/** Whether lines are as shown; a shown line `...` stands for any number of them. */
export function matches(shown: readonly string[], printed: readonly string[]): boolean {
  const [first, ...rest] = shown;
  if (first === undefined) return printed.length === 0;
  if (first.trim() !== '...') return first === printed[0] && matches(rest, printed.slice(1));
  for (let skipped = 0; skipped <= printed.length; skipped++) if (matches(rest, printed.slice(skipped))) return true;
  return false;
}
