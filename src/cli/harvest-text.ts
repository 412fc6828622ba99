import type { HarvestSource } from '../archive/layout.ts';
import { bytesText, countText } from './quantity.ts';
import { fieldText } from './value-text.ts';

/** Where a harvested value comes from, in a few words: `mean of score: 12 values of eval/a.csv and 2 more files`. */
export function sourceText(source: HarvestSource | undefined): string {
  // Anybody may have written the note.
  const { rule, files, count, empty } = Object(source) as Partial<HarvestSource>;
  if (typeof rule !== 'object' || rule === null || !Array.isArray(files)) return '';
  const [first] = files as readonly unknown[];
  const { path, bytes, sha256 } = Object(first) as Partial<HarvestSource['files'][number]>;
  if (Object.hasOwn(rule, 'file')) {
    return `registered: ${fieldText(path)}, ${bytesText(Number(bytes))}, sha256 ${fieldText(sha256).slice(0, 8)}`;
  }
  const more = files.length > 1 ? ` and ${files.length - 1} more` : '';
  const number = typeof count === 'number' ? `${countText(count, nounOf(rule))} of ` : '';
  const left = typeof empty === 'number' && empty > 0 ? `, ${empty} empty` : '';
  return `${whatText(rule)}: ${number}${fieldText(path)}${more}${left}`;
}

function whatText(rule: HarvestSource['rule']): string {
  const take = fieldText(rule['take']);
  const what = [rule['column'], rule['path'], rule['match']].map(fieldText).find((text) => text !== '') ?? '';
  if (take === '' || take === 'only') return what === '' ? 'value' : what;
  return what === '' ? take : `${take} of ${what}`;
}

function nounOf(rule: HarvestSource['rule']): string {
  return Object.hasOwn(rule, 'csv') && rule['column'] === undefined ? 'row' : 'value';
}
