import { SUMMARY_NAMES } from '../../archive/summary-fields.ts';
import { type RulePlace, wrong } from './rule-fields.ts';

const LONGEST_PATH = 200;
const LONGEST_SHOWN = 60;

/**
 * Refuses what is no path of a datum, and what means something else wherever values are named: a field that every run
 * has, and a parameter.
 *
 * @throws ComexError `E_HARVEST`
 */
export function refusePath(path: string, place: RulePlace): void {
  const start = path.slice(0, LONGEST_SHOWN);
  const refuse = (expected: string, hint: string): never => {
    throw wrong(place.at(start), expected, JSON.stringify(start), hint);
  };
  if (!isPath(path)) {
    refuse(
      'the path of a datum, such as "results/score"',
      ' It is names with "/" between them, without spaces and "..".',
    );
  }
  const [root = ''] = path.split('.');
  const other = ` It means the ${Object.hasOwn(SUMMARY_NAMES, root) ? 'field' : 'parameter'} ${root} of a run.`;
  if (!path.includes('/') && (Object.hasOwn(SUMMARY_NAMES, root) || /^[A-Z][A-Z0-9_]*$/.test(root))) {
    refuse('a path that means nothing else', `${other} Write ${JSON.stringify(`results/${path.toLowerCase()}`)}.`);
  }
}

function isPath(path: string): boolean {
  const isName = (segment: string): boolean => !['', '.', '..', '__proto__'].includes(segment);
  return path.split('/').every(isName) && !/[\p{Cc}\s\\]/u.test(path) && path.length <= LONGEST_PATH;
}
