import { copyFileSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import { fileURLToPath } from 'node:url';
import { META_FILE, type RunMeta } from '../../archive/layout.ts';
import { type LoadedRun, loadRun } from '../../archive/load.ts';
import { walkRuns } from '../../archive/walk.ts';
import { ComexError } from '../../errors.ts';
import type { Environment } from './environment.ts';
import { giveEnvironment } from './given-environment.ts';
import type { ReproductionPrograms } from './programs.ts';
import { reproducedEnvironment } from './surroundings.ts';

/** A run that was made again. */
export interface Rerun {
  readonly run: LoadedRun;
  /** How many of the words that its metadata record are not of the user. */
  readonly ownWords: number;
}

/** They steer the run folder, so that they are not taken over from one run to another by themselves. */
const STEERING: readonly string[] = ['__DEBUG__', '__PREFIX__'];
/** Refuses a run of which something is not captured. */
const STRICT = '__REPRODUCIBLE__';
/** Lines that are kept, to tell why nothing was run. */
const TAIL = 40;
const SAYS = 'comex: ';

/**
 * Runs the experiment of a run again, in a process of its own, with what was given to it and its seed.
 *
 * @param folder where the metadata are put that the command line takes them from
 * @param words parameters that are given anew: `--NAME=value`
 * @param say takes what the run prints
 * @throws ComexError `E_EXEC`, `E_USAGE` when nothing was run; `E_INTERRUPTED`
 */
export async function rerun(
  loaded: LoadedRun,
  folder: string,
  environment: Environment,
  words: readonly string[],
  programs: ReproductionPrograms,
  say: (text: string) => void,
): Promise<Rerun> {
  const { path, original: meta } = loaded;
  const former = join(folder, 'former');
  mkdirSync(former, { recursive: true });
  mkdirSync(dirname(environment.results), { recursive: true });
  // As the run wrote it: what was said of it later is left out.
  copyFileSync(join(path, META_FILE), join(former, META_FILE));
  await giveEnvironment(join(former, META_FILE), loaded);
  const module = join(environment.root, meta.module);
  const own = ['run', module, '--from', former, '--results', environment.results, '--json', ...steering(meta, words)];
  const tail: string[] = [];
  const lines = new Lines((line) => {
    tail.push(line);
    if (tail.length > TAIL) tail.shift();
    // It is removed, or moved: where it was for the moment is nothing to keep in mind.
    if (!line.startsWith('The run is kept in ')) say(line);
  });
  const { status } = await programs.run(
    process.execPath,
    [...process.execArgv, fileURLToPath(new URL('./bin.js', import.meta.url)), ...own, ...words],
    { cwd: environment.cwd, env: reproducedEnvironment(environment.recorded) },
    (stream, piece) => {
      if (stream === 'stderr') lines.take(piece);
    },
  );
  lines.end();
  const found = [...walkRuns(environment.results)].find(({ kind }) => kind === 'run');
  if (found !== undefined) return { run: loadRun(found.path), ownWords: own.length };
  const why = status === 2 ? 'it was refused' : `its process exited with ${status}`;
  const said = refusalIn(tail).replaceAll(environment.base, '');
  throw new ComexError(
    status === 2 ? 'E_USAGE' : 'E_EXEC',
    `Expected the run to begin again, but ${why}. Nothing was run.${said === '' ? '' : ` It said: ${said}`}`,
  );
}

/** What a command says at its end: from the last line on that it begins by its name. */
function refusalIn(lines: readonly string[]): string {
  const start = lines.findLastIndex((line) => line.startsWith(SAYS));
  return lines
    .slice(start < 0 ? -1 : start)
    .join('')
    .replace(SAYS, '')
    .trim();
}

function steering({ parameters }: RunMeta, words: readonly string[]): string[] {
  // The temporary folder is under nobody's version control; what was captured has been seen to before.
  const isStrict = parameters[STRICT]?.value === true && !words.some((word) => word.startsWith(`--${STRICT}=`));
  const strict = isStrict ? [`--${STRICT}=false`] : [];
  const steered = STEERING.flatMap((name) => {
    const given = parameters[name]?.given;
    const isAnew = words.some((word) => word.startsWith(`--${name}=`));
    return given === undefined || isAnew ? [] : [`--${name}=${String(given)}`];
  });
  return [...strict, ...steered];
}

/** Whole lines of what comes in pieces; what has no end for a while is passed on all the same. */
class Lines {
  readonly #say: (text: string) => void;
  readonly #decoder = new StringDecoder('utf8');
  #open = '';

  constructor(say: (text: string) => void) {
    this.#say = say;
  }

  take(piece: Buffer): void {
    const lines = (this.#open + this.#decoder.write(piece)).split('\n');
    this.#open = lines.pop() ?? '';
    for (const line of lines) this.#say(`${line}\n`);
    if (this.#open.length > 10_000) this.end();
  }

  end(): void {
    if (this.#open !== '') this.#say(this.#open);
    this.#open = '';
  }
}
