import type { Aggregate } from './aggregate.ts';
import { bounded } from './bounded.ts';
import { HarvestProblem } from './problem.ts';
import type { CheckedRule } from './rules.ts';
import { valueOfText } from './values.ts';

/** Of a longer line, only so much is looked at. */
const LONGEST_LINE = 1024 * 1024;
/** Letters of lines that are looked at together. */
const BATCH = 256 * 1024;

/** What a line of a run's own log begins with. */
const STAMP = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}(?: |$)/;

/** A line without its end. */
interface Line {
  readonly text: string;
  /** From 1 on. */
  readonly number: number;
  /** Whether it is longer than what is given of it. */
  readonly isCut: boolean;
}

/** Gives the lines of a text that comes in pieces, of any length, in bounded memory. */
export async function eachLine(
  texts: AsyncIterable<string>,
  longest: number,
  onLine: (line: Line) => void,
): Promise<void> {
  let rest = '';
  let isCut = false;
  let number = 1;
  for await (const piece of texts) {
    for (let at = 0; at < piece.length; ) {
      const end = piece.indexOf('\n', at);
      const room = longest - rest.length;
      const stop = end < 0 ? piece.length : end;
      if (stop - at > room) isCut = true;
      rest += piece.slice(at, Math.min(stop, at + room));
      at = stop + 1;
      if (end < 0) break;
      onLine({ text: rest.endsWith('\r') ? rest.slice(0, -1) : rest, number, isCut });
      number += 1;
      rest = '';
      isCut = false;
    }
  }
  if (rest !== '' || isCut) onLine({ text: rest, number, isCut });
}

/**
 * Takes what a regular expression finds, every match in every line; in those of a run's own log without their times.
 *
 * @param onCut called with the number of a line of which only the beginning is looked at
 * @throws HarvestProblem with the line
 */
export async function readText(
  texts: AsyncIterable<string>,
  rule: CheckedRule,
  into: Aggregate,
  onCut: (line: number) => void,
): Promise<void> {
  const pattern = new RegExp(rule.match!);
  const take = (match: RegExpExecArray, line: number): void => {
    const value = match.groups?.['value'] ?? match[1];
    if (rule.take === 'count') into.add(true);
    else if (value === undefined || value === '') into.empty += 1;
    else into.add(valueIn(value, rule, line));
  };
  const isLog = rule.patterns.length === 0;
  const look = ({ text: line, number, isCut }: Line): void => {
    if (isCut) onCut(number);
    const text = isLog ? line.replace(STAMP, '') : line;
    pattern.lastIndex = 0;
    for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
      take(match, number);
      // An empty match would be found for ever.
      if (match[0] === '') pattern.lastIndex += 1;
    }
  };
  let batch: Line[] = [];
  let length = 0;
  const lookAtBatch = (): void => {
    const lines = batch;
    batch = [];
    length = 0;
    bounded(() => {
      for (const line of lines) look(line);
    });
  };
  await eachLine(texts, LONGEST_LINE, (line) => {
    batch.push(line);
    length += line.text.length;
    if (length >= BATCH || batch.length >= BATCH) lookAtBatch();
  });
  lookAtBatch();
}

function valueIn(text: string, rule: CheckedRule, line: number): unknown {
  if (text.includes('\ufffd')) {
    const advice = 'Say how it is written: "encoding": "latin1" or "utf-16le".';
    throw new HarvestProblem(`Expected a text in UTF-8, but that line has other bytes. ${advice}`, { line });
  }
  try {
    return valueOfText(text, rule);
  } catch (error) {
    if (error instanceof HarvestProblem) throw new HarvestProblem(error.message, { line });
    throw error;
  }
}
