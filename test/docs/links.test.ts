import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { PACKAGE } from '../project.ts';
import { readDocument } from './markdown.ts';

const LEFT_OUT = new Set(['node_modules', 'dist', 'results']);

/** All Markdown files of the repository. */
function documents(folder = PACKAGE): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (LEFT_OUT.has(entry.name) || entry.name.startsWith('.') || entry.name.startsWith('dist.')) return [];
    const path = join(folder, entry.name);
    return entry.isDirectory() ? documents(path) : entry.name.endsWith('.md') ? [relative(PACKAGE, path)] : [];
  });
}

/** The text without its blocks and pieces of code. */
function prose(document: string): string {
  return readDocument(document)
    .replace(/^```[\s\S]*?^```$/gm, '')
    .replace(/`[^`\n]*`/g, (code) => code.replace(/[[\]()]/g, '.'));
}

/** The anchors that GitHub gives to the headings of a document. */
function anchors(document: string): string[] {
  const headings = readDocument(document)
    .replace(/^```[\s\S]*?^```$/gm, '')
    .matchAll(/^#+ (.*)$/gm);
  return [...headings].map(([, text]) =>
    text!
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-'),
  );
}

test.each(documents())('every link in %s leads somewhere', (document) => {
  const links = [...prose(document).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!);
  const broken = links.filter((link) => {
    if (/^https?:/.test(link)) return false;
    const [path = '', anchor] = link.split('#');
    const target = path === '' ? document : relative(PACKAGE, join(PACKAGE, dirname(document), path));
    if (!existsSync(join(PACKAGE, target))) return true;
    return anchor !== undefined && !anchors(target).includes(anchor);
  });
  expect(broken).toEqual([]);
});
