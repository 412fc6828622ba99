import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { PACKAGE } from '../project.ts';
import { fragmentModule, fragmentPath, isFragment, promisedLines, runFragment } from './fragments.ts';
import { blocksOf, DOCUMENTS, readDocument } from './markdown.ts';
import { Session } from './session.ts';
import { type Exchange, exchangesOf } from './transcript.ts';
import { filesOf, shownFiles } from './tree.ts';
import { typeErrors } from './typecheck.ts';

/** With COMEX_DOCS=write, transcripts that are no longer true are replaced by what is printed now. */
const REWRITES = process.env['COMEX_DOCS'] === 'write';

describe.each(DOCUMENTS)('%s', (document) => {
  const session = new Session();
  if (document === 'README.md')
    cpSync(join(PACKAGE, 'experiments'), join(session.project.root, 'experiments'), { recursive: true });
  const blocks = blocksOf(readDocument(document));
  const fragments = blocks.filter(isFragment);
  const sources = new Set<string>();

  for (const block of blocks.filter(({ path, language }) => path !== undefined || language === 'console')) {
    if (block.path !== undefined) {
      const path = block.path;
      if (block.language === 'tree') {
        test(`line ${block.line}: the folder ${path} holds what is shown, and nothing else`, () => {
          expect(filesOf(join(session.project.root, path))).toEqual(shownFiles(block.text));
        });
        continue;
      }
      test(`line ${block.line}: the code is that of ${path}, where the repository has it`, () => {
        const original = join(PACKAGE, path);
        if (path.endsWith('.ts') && existsSync(original)) expect(block.text).toBe(readFileSync(original, 'utf8'));
        session.project.write({ [path]: block.text });
        if (path.endsWith('.ts')) sources.add(path);
      });
      continue;
    }
    for (const exchange of exchangesOf(block.text)) {
      test(`line ${block.line}: ${exchange.command} prints what is shown`, () => {
        const { same, printed, expected, actual } = session.run(exchange);
        if (!same && REWRITES) return rewrite(document, exchange, printed);
        if (!same) expect(actual).toEqual(expected);
      });
    }
  }

  test.each(fragments.map((block) => ({ line: block.line, block })))(
    'the code in line $line does what it says',
    ({ block }) => {
      const path = fragmentPath(document, block);
      session.project.write({ [path]: fragmentModule(block) });
      sources.add(path);
      const lines = [...runFragment(session, path)];
      for (const promised of promisedLines(block)) {
        const at = lines.indexOf(promised);
        if (at < 0) expect(lines).toContain(promised);
        lines.splice(0, at + 1);
      }
    },
  );

  test('the code fits the types', () => {
    expect(typeErrors(session.project, [...sources])).toEqual([]);
  });
});

function rewrite(document: string, { command, shown }: Exchange, printed: string): void {
  const path = join(PACKAGE, document);
  const before = [`$ ${command}`, ...shown].map((line) => `${line}\n`).join('');
  writeFileSync(
    path,
    readDocument(document).replace(before, () => `$ ${command}\n${printed}`),
  );
}
