import { relative, sep } from 'node:path';
import { listArtifacts } from '../archive/artifacts.ts';
import { type ErrorRecord, FORMAT, type GitRecord, type RunMeta, type WrittenStatus } from '../archive/layout.ts';
import type { Resolved } from '../experiment/define.ts';
import { hookPointsOf } from '../experiment/hooks.ts';
import type { ParameterScope } from '../experiment/scope.ts';
import { version } from '../version.ts';
import { identify } from './identity.ts';
import type { Inputs } from './inputs.ts';
import type { Seed } from './opening.ts';
import { isSecret, recordParameters } from './parameters-record.ts';
import { isSecretName, redactArgv } from './redact.ts';
import type { References } from './references.ts';
import type { Secrets } from './secrets.ts';
import type { Sightings } from './sightings.ts';
import type { Snapshot } from './snapshot.ts';

/** What the metadata of a run are made of while it goes on. */
export interface MetaParts {
  readonly id: string;
  readonly name: string;
  readonly namespace: string;
  readonly resolved: Resolved;
  readonly scope: ParameterScope;
  readonly beginning: Beginning;
  readonly seed: Seed;
  readonly debug: boolean;
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly tags: readonly string[];
  readonly note: string | undefined;
  /** Id of the run that this one is a child of. */
  readonly parent: string | undefined;
  /** Whether a script opened it. */
  readonly opened: true | undefined;
  readonly git: GitRecord | undefined;
  /** What the run was seen to use, when that is to be known. */
  readonly sightings: Pick<Sightings, 'records'> | undefined;
  readonly snapshot: Snapshot;
  readonly loader: RunMeta['loader'];
  readonly inputs: Inputs;
  readonly references: References;
  readonly harvest: RunMeta['harvest'];
  readonly volatile: readonly string[];
  /** Those found in parameters are added. */
  readonly secrets: Secrets;
}

/** The metadata of a run as they stand, its end left out. */
export function describeRun(parts: MetaParts): RunMeta {
  const { resolved, scope, secrets } = parts;
  const { definition } = resolved;
  const recorded = recordParameters(resolved, scope);
  for (const secret of recorded.secrets) secrets.texts.add(secret);
  const isSecretOption = (name: string): boolean =>
    isSecretName(name) || (definition.declared.has(name) && isSecret(definition.declared.get(name)!));
  const { argv: words, paths } = redactArgv(parts.argv, isSecretOption);
  // A secret may also be a field of a given object.
  const argv = words.map((word) => secrets.scrub(word));
  for (const [index, word] of argv.entries()) if (word !== words[index]) paths.push(`argv.${index}`);
  const snapshot = parts.snapshot.record();
  const { namespace, seed, note, git, loader, parent } = parts;
  const { chain, description } = definition;
  const place = (path: string): string => relative(definition.project.root, path).split(sep).join('/');
  const included = chain.mixins.filter(({ given }) => given).map(({ module }) => place(module.path));
  return {
    format: FORMAT,
    comex: version,
    id: parts.id,
    name: parts.name,
    namespace,
    module: place(definition.path),
    root: definition.project.root,
    ...(description === undefined ? {} : { description }),
    status: 'running',
    debug: parts.debug,
    testing: scope.peek('__TESTING__')?.value === true,
    attempt: 1,
    startedAt: parts.beginning.at.toISOString(),
    uid: identify(namespace, snapshot.hash, recorded.parameters, seed),
    codeHash: snapshot.hash,
    ...(parts.opened === undefined ? {} : { opened: parts.opened }),
    ...(parent === undefined ? {} : { parent: { id: parent } }),
    parents: [...chain.configs, ...chain.modules].slice(1).map(({ path }) => place(path)),
    mixins: chain.mixins.map(({ module }) => place(module.path)),
    ...(included.length === 0 ? {} : { included }),
    hooks: Object.fromEntries(hookPointsOf(chain)),
    parameters: recorded.parameters,
    seed,
    argv,
    cwd: parts.cwd,
    tags: parts.tags,
    ...(note === undefined ? {} : { note }),
    ...(git === undefined ? {} : { git }),
    snapshot,
    ...(loader === undefined ? {} : { loader }),
    inputs: parts.inputs.records,
    ...(parts.sightings === undefined ? {} : { reproducible: { saw: parts.sightings.records } }),
    ...(parts.references.records.length === 0 ? {} : { references: parts.references.records }),
    ...(parts.harvest === undefined ? {} : { harvest: parts.harvest }),
    ...(parts.volatile.length === 0 ? {} : { volatile: parts.volatile }),
    redacted: [...recorded.redacted, ...paths],
  };
}

/** When an attempt began, by its clocks. */
export interface Beginning {
  readonly at: Date;
  readonly cpu: NodeJS.CpuUsage;
}

/** What the end of a run adds to its metadata. */
export function describeEnd(
  beginning: Beginning,
  durationMs: number,
  end: { readonly status: WrittenStatus; readonly result?: unknown; readonly error: ErrorRecord | undefined },
): Partial<RunMeta> & { readonly endedAt: string } {
  const cpu = process.cpuUsage(beginning.cpu);
  return {
    status: end.status,
    endedAt: new Date(beginning.at.getTime() + durationMs).toISOString(),
    durationMs,
    ...(end.result === undefined ? {} : { result: end.result }),
    ...(end.error === undefined ? {} : { error: end.error }),
    resources: {
      cpuUserMs: Math.round(cpu.user / 1000),
      cpuSystemMs: Math.round(cpu.system / 1000),
      maxRssBytes: process.resourceUsage().maxRSS * 1024,
    },
  };
}

/** The user's files in the run folder; left out when it cannot be read: who reads the run looks for itself. */
export function describeArtifacts(folder: string): Pick<RunMeta, 'artifacts'> {
  try {
    return { artifacts: listArtifacts(folder) };
  } catch {
    return {};
  }
}
