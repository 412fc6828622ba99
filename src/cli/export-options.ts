import { ComexError } from '../errors.ts';
import { wholeNumber } from './selection-options.ts';

/** The options of `comex export` beside those of every command that takes several runs. */
const text = { type: 'string', requiresArg: true } as const;
/** Names with commas between them; given again, they go on. */
const names = { ...text, array: true, nargs: 1 } as const;

export const exportOptions = {
  columns: { ...names, describe: "what to show: 'PDM=results/pdm,LR=LEARNING_RATE,loss/val:min,duration'" },
  series: { ...names, describe: "the points of series in place of the runs: 'loss/*,accuracy'" },
  tables: { ...names, describe: 'the rows of tables that e.record made in place of the runs' },
  'fold-by': { ...names, describe: 'one row for all runs that are equal in these columns: MODEL,LEARNING_RATE' },
  spread: { ...text, describe: 'with --fold-by: sd (default), sem, ci95 or minmax' },
  best: { ...names, describe: 'with --fold-by: mark the best where it can be told: max:results/accuracy' },
  alpha: { ...text, coerce: fraction, describe: 'with --best: level of the test; default 0.05' },
  view: { ...text, describe: 'a set of options that comex.config.json keeps' },
  'save-view': { ...text, describe: 'keep these options in comex.config.json under that name' },
  format: { ...text, describe: 'with - for FILE: csv, tsv, json, jsonl, parquet, md or tex' },
  digits: { ...text, coerce: wholeNumber('--digits'), describe: 'of Markdown and LaTeX: significant digits' },
  locale: { ...text, describe: 'of CSV: numbers as in that language, such as de' },
  bom: { type: 'boolean', describe: 'of CSV: begin with a byte order mark; --no-bom for none' },
  force: { type: 'boolean', default: false, describe: 'also replace a file that no export made' },
} as const;

/** The parser's own numbers are NaN for a word, and the word is gone. */
function fraction(given: unknown): number {
  if (typeof given === 'string' && /^\d*\.?\d+(?:e[+-]?\d+)?$/i.test(given.trim())) return Number(given);
  throw new ComexError('E_USAGE', `Expected --alpha to be a number such as 0.05, got "${String(given)}".`);
}
