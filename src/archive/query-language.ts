import { Environment } from '@marcbachmann/cel-js';
import { momentMs } from '../codec/moment.ts';
import { mixNumbers } from './query-numbers.ts';

const TIMESTAMP = 'google.protobuf.Timestamp';

let environment: Environment | undefined;

/** The language of queries. */
export function queryLanguage(): Environment {
  environment ??= makeEnvironment();
  return environment;
}

/** Numbers of one kind, as in a run's parameters; moments that compare with texts. */
function makeEnvironment(): Environment {
  const env = new Environment({
    unlistedVariablesAreDyn: true,
    homogeneousAggregateLiterals: false,
    limits: { maxAstNodes: 2000, maxDepth: 100 },
  });
  mixNumbers(env);
  for (const [operator, holds] of Object.entries(ORDER)) {
    env.registerOperator(`${TIMESTAMP} ${operator} string: bool`, (a: Date, b: string) =>
      holds(a.getTime(), moment(b)),
    );
    env.registerOperator(`string ${operator} ${TIMESTAMP}: bool`, (a: string, b: Date) =>
      holds(moment(a), b.getTime()),
    );
  }
  env.registerOperator(`${TIMESTAMP} == string: bool`, (a: Date, b: string) => a.getTime() === moment(b));
  return env;
}

const ORDER: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
};

/** A text that is no moment is earlier and later than none, also under negation. */
function moment(text: string): number {
  const ms = momentMs(text);
  if (ms === undefined) throw new RangeError('no moment');
  return ms;
}
