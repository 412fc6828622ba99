import { dirname } from 'node:path';
import { encodeWithFunctions } from '../codec/json.ts';
import { hasSeveralFiles } from '../experiment/chain.ts';
import type { Resolved } from '../experiment/define.ts';
import { isSecret } from '../run/parameters-record.ts';
import { isSecretName, redactValue } from '../run/redact.ts';
import { defaultOf, knownParameters, secretsOf } from './known-parameters.ts';
import { originText } from './origin.ts';
import { differs } from './parameter-grid.ts';
import { pathText } from './run-facts.ts';
import { harmless, harmlessJson, paint, type Screen } from './screen.ts';
import { pathFact } from './sections.ts';
import { renderTable } from './table.ts';
import { cut } from './width.ts';

/** What `comex run FILE --dry-run` says: every parameter, and the folder that the run would have. */
export function dryRunText(resolved: Resolved, folder: string, screen: Screen, cwd: string = process.cwd()): string {
  const { bold, cyan } = paint(screen);
  const parameters = knownParameters(resolved);
  const columns = [
    { head: 'parameter', shrink: true, min: 12, style: bold },
    { head: 'value', shrink: true, min: 12 },
    {
      head: 'source',
      shrink: true,
      min: 8,
      style: (cell: string, text: string) => (text.startsWith('given') ? cyan(cell) : cell),
    },
    { head: 'default', shrink: true, min: 8 },
  ];
  const { definition } = resolved;
  const origins = hasSeveralFiles(definition.chain);
  const rows = parameters.map((parameter) => {
    const [name, value, source, defaultText] = parameter;
    const origin = origins ? originText(definition.declared.get(name)!, resolved, dirname(definition.path)) : source;
    if (origins) return [name, value, origin];
    return [
      name,
      value,
      source,
      differs(parameter) || source === 'derived' ? (defaultText ?? '').replace(/\s+/g, ' ') : '',
    ];
  });
  const table = renderTable(origins ? columns.slice(0, 3) : columns, rows, {
    ...screen,
    columns: screen.columns - 2,
  }).replace(/^(?=.)/gm, '  ');
  const text = [
    `${bold(cut(harmless(namespaceOf(resolved)), screen.columns - 14, screen))}  (dry run)\n`,
    pathFact('module', pathText(resolved.definition.path, cwd), screen),
    pathFact('folder', pathText(folder, cwd), screen),
    parameters.length === 0 ? '' : `\n${table}`,
  ];
  return text.join('').trimEnd();
}

/** The same as JSON: `{ module, namespace, folder, parameters: { NAME: { value?, source, default?, type } } }`. */
export function dryRunJson(resolved: Resolved, folder: string, cwd: string = process.cwd()): string {
  const parameters: Record<string, unknown> = Object.create(null);
  for (const [name, declaration] of resolved.definition.declared) {
    const known = resolved.known.get(name);
    const secret = isSecret(declaration);
    const defaultText = defaultOf(declaration);
    parameters[name] = {
      ...(known?.value === undefined ? {} : { value: secret ? null : withoutSecrets(known.value.value, name) }),
      source: known?.source ?? 'default',
      ...(hasSeveralFiles(resolved.definition.chain) ? { origin: originText(declaration, resolved, cwd) } : {}),
      ...(defaultText === undefined ? {} : { default: defaultText }),
      type: declaration.typeText,
      ...(secret ? { redacted: true } : {}),
    };
  }
  const dryRun = { module: resolved.definition.path, namespace: namespaceOf(resolved), folder, parameters };
  const { scrub } = secretsOf(resolved);
  const clean = (_: string, value: unknown): unknown => (typeof value === 'string' ? scrub(value) : value);
  return harmlessJson(JSON.stringify(JSON.parse(encodeWithFunctions(dryRun, 'the dry run')), clean, 2));
}

function namespaceOf(resolved: Resolved): string {
  const given = resolved.known.get('__NAMESPACE__')?.value?.value;
  return typeof given === 'string' ? given : resolved.definition.namespace;
}

function withoutSecrets(value: unknown, name: string): unknown {
  return redactValue(value, name, { paths: [], texts: new Set() }, isSecretName(name));
}
