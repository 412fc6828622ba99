import { findProject, resultsFolder } from '../experiment/project.ts';
import { type ListOptions, list } from './list.ts';
import { screenOf } from './screen.ts';
import { show } from './show.ts';
import { tree } from './tree.ts';

interface ArchiveOptions {
  readonly results?: string | undefined;
  readonly json: boolean;
}

export function listCommand(given: ArchiveOptions & ListOptions): Promise<number> {
  const { query, status, tag, namespace, job, since, sort, limit, children, columns, groupBy, metric } = given;
  const asked = { query, status, tag, namespace, job, since, sort, limit, children, columns, groupBy, metric };
  return list({ ...asked, ...surroundings(given) });
}

export function showCommand(selector: string, given: ArchiveOptions): number {
  return show(selector, { ...surroundings(given), cwd: process.cwd() });
}

export function treeCommand(selector: string, given: ArchiveOptions): number {
  return tree(selector, { ...surroundings(given), cwd: process.cwd() });
}

function surroundings({ results, json }: ArchiveOptions) {
  const cwd = process.cwd();
  return {
    results: resultsFolder(findProject(cwd, cwd), results, cwd),
    json,
    out: (text: string) => void process.stdout.write(text.endsWith('\n') ? text : `${text}\n`),
    err: (text: string) => void process.stderr.write(text.endsWith('\n') ? text : `${text}\n`),
    screen: screenOf(process.stdout),
    tty: process.stdout.isTTY === true,
  };
}
