/** Start-up: whole processes, from the command to its end. */
import { join } from 'node:path';
import {
  BIN,
  interleave,
  measureProcess,
  median,
  medianDifference,
  medianRatio,
  ms,
  PACKAGE,
  times,
  wallText,
} from './measure.mjs';

const TSX = join(PACKAGE, 'node_modules/tsx/dist/cli.mjs');

export function figures({ node, project, rounds }) {
  const cwd = project.root;
  const run = (args, env) => () => measureProcess(node, { args, cwd, env });
  const comex = (words, env) => run([BIN, ...words], env);
  const major = Number(run(['-p', 'process.versions.node'])().stdout.split('.')[0]);
  const of = interleave(
    {
      bare: run(['bare.mjs']),
      tsx: run([TSX, 'experiments/noop.ts']),
      noop: comex(['run', 'experiments/noop.ts']),
      noopByTsx: comex(['run', 'experiments/noop.ts'], { COMEX_LOADER: 'tsx' }),
      exit: comex(['run', 'experiments/exit.ts']),
      typicalExit: comex(['run', 'experiments/typical_exit.ts']),
      typical: comex(['run', 'experiments/typical.ts']),
      help: comex(['--help']),
      list: comex(['list', '--results', 'none']),
      runHelp: comex(['run', 'experiments/noop.ts', '--help']),
      dryRun: comex(['run', 'experiments/noop.ts', '--dry-run']),
    },
    rounds,
  );
  const limit = major >= 22 ? 0.8 : 1;
  const againstTsx = (what, variant, target) => {
    const ratio = medianRatio(variant.wall, of.tsx.wall);
    return {
      what,
      value: wallText(variant),
      beside: `tsx command: ${wallText(of.tsx)}`,
      ratio: times(ratio),
      target: `<= ${times(target)}`,
      met: ratio <= target,
    };
  };
  const againstBare = (what, variant, target) => ({
    what,
    value: wallText(variant),
    beside: `bare node: ${wallText(of.bare)}`,
    ratio: times(medianRatio(variant.wall, of.bare.wall)),
    ...(target === undefined ? {} : { target: `<= ${target} ms`, met: median(variant.wall) <= target }),
  });
  const more = medianDifference(of.typicalExit.wall, of.exit.wall);
  return [
    againstTsx('no-op run', of.noop, limit),
    againstBare('no-op run', of.noop),
    againstTsx('no-op run, loaded by tsx (COMEX_LOADER=tsx)', of.noopByTsx, limit),
    {
      what: 'typical run without plots: more than a no-op',
      value: ms(more),
      beside: `${wallText(of.typicalExit)} against ${wallText(of.exit)}`,
      target: '<= 60 ms',
      met: more <= 60,
    },
    { ...againstBare('typical run with its 3 plots', of.typical), ratio: '' },
    againstBare('comex --help', of.help, 60),
    againstBare('comex list, empty archive', of.list, 60),
    againstBare('comex run FILE --help', of.runHelp),
    againstBare('comex run FILE --dry-run', of.dryRun),
  ];
}
