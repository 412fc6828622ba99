import { ComexError } from '../errors.ts';
import { isStatus } from './statuses.ts';
import type { RunSummary } from './summary.ts';
import { unknownName } from './summary-fields.ts';

/**
 * The error for a name that no run has. People write the name of an experiment, a status without its quotes, or a series
 * or a datum as it is shown, where a query stands.
 */
export function unknownInQuery(text: string, name: string, runs: readonly RunSummary[]): ComexError {
  const said = `Expected a name that some run has, but none has "${name}".`;
  const spaces = text.trim() === name ? runs.map(({ namespace }) => namespace) : [];
  if (spaces.some((space) => space.split('/').includes(name))) {
    const space = spaces.find((each) => each === name || each.endsWith(`/${name}`)) ?? name;
    return new ComexError('E_QUERY', `${said} The runs of that experiment: --namespace ${space}.`);
  }
  if (isStatus(name)) return new ComexError('E_QUERY', `${said} A status stands in quotes: status == "${name}".`);
  const series = longestIn(text, name, runs, ({ seriesNames }) => seriesNames);
  if (series !== undefined) {
    return new ComexError('E_QUERY', `${said} Of a series: series[${JSON.stringify(series)}].last.`);
  }
  const datum = longestIn(text, name, runs, ({ dataPaths }) => dataPaths);
  if (datum !== undefined) return new ComexError('E_QUERY', `${said} A datum: data[${JSON.stringify(datum)}].`);
  return unknownName(name, runs);
}

/** The longest of names that stands in a text, and begins with a name of the query: `loss/val` where that was understood as a division. */
function longestIn(
  text: string,
  name: string,
  runs: readonly RunSummary[],
  namesOf: (run: RunSummary) => readonly string[],
): string | undefined {
  let longest: string | undefined;
  for (const run of runs) {
    for (const each of namesOf(run)) {
      const isLonger = longest === undefined || each.length > longest.length;
      if (isLonger && each.startsWith(name) && text.includes(each)) longest = each;
    }
  }
  return longest;
}
