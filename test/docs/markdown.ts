import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PACKAGE } from '../project.ts';

/** A fenced block of a Markdown file. */
export interface Block {
  /** Line of its opening fence, from 1. */
  readonly line: number;
  /** `ts`, `console`, `json`, ... */
  readonly language: string;
  /** Where its text is to be written: from the info string, or a first line such as `// experiments/walk.ts`. */
  readonly path: string | undefined;
  readonly text: string;
}

/** The documents whose blocks are executed. */
export const DOCUMENTS: readonly string[] = [
  'README.md',
  'docs/guide.md',
  'docs/composition.md',
  'docs/tables.md',
  'docs/cli.md',
  'docs/formats.md',
  'docs/api.md',
  ...readdirSync(join(PACKAGE, 'docs/commands'))
    .sort()
    .map((name) => `docs/commands/${name}`),
];

export function readDocument(document: string): string {
  return readFileSync(join(PACKAGE, document), 'utf8');
}

/** The fenced blocks of a Markdown text in their order. */
export function blocksOf(markdown: string): Block[] {
  const lines = markdown.split('\n');
  const blocks: Block[] = [];
  for (let i = 0; i < lines.length; i++) {
    const fence = /^```(\w+)?(?: +(\S+))?\s*$/.exec(lines[i]!);
    if (fence === null) continue;
    const start = i + 1;
    const end = lines.indexOf('```', start);
    if (end < 0) throw new Error(`The block in line ${start} has no end.`);
    const [, language = '', named] = fence;
    const written = language === 'ts' ? /^\/\/ ([\w./-]+\.ts)$/.exec(lines[start]!)?.[1] : undefined;
    blocks.push({
      line: start,
      language,
      path: named ?? written,
      text: `${lines.slice(start, end).join('\n')}\n`,
    });
    i = end;
  }
  return blocks;
}
