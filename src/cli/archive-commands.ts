import { findProject, resultsFolder } from '../experiment/project.ts';
import { list } from './list.ts';
import { screenOf } from './screen.ts';
import { show } from './show.ts';

interface ArchiveOptions {
  readonly results?: string | undefined;
  readonly json: boolean;
}

export function listCommand(given: ArchiveOptions): number {
  return list(surroundings(given));
}

export function showCommand(selector: string, given: ArchiveOptions): number {
  return show(selector, { ...surroundings(given), cwd: process.cwd() });
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
