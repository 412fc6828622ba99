import { type Program, parseSync } from 'oxc-parser';
import { ComexError } from '../../errors.ts';
import type { Copy, Declaration, ModuleSource, StaticValue } from '../definition.ts';
import { moduleDescription, parameterDoc } from './comments.ts';
import { evaluateParameters } from './evaluate.ts';
import { findHookPoints } from './hook-points.ts';
import { findImports } from './imports.ts';
import { TypeInference } from './infer.ts';
import { type Locator, locator } from './location.ts';
import { boundNames, findExports, refuseConflicts } from './parameters.ts';
import { rewrite } from './rewrite.ts';
import { analyseScopes, type Reference, type Scopes } from './scopes.ts';
import { TypeReader } from './types.ts';

/**
 * Reads an experiment module without running it.
 *
 * @param path Absolute path; its extension tells the language.
 * @param text The source.
 * @throws ComexError `E_SYNTAX` with file:line:column; `E_PARAMETER` for a form that cannot be a parameter.
 *
 * @example
 * ```ts
 * const module = readModule('/project/experiments/digits.ts', 'export const EPOCHS = 20;');
 * console.log(module.parameters[0]?.typeText); // number
 * ```
 */
export function readModule(path: string, text: string): ModuleSource {
  const at = locator(path, text);
  const parsed = parseSync(path, text, { astType: 'ts' });
  refuseErrors(parsed.errors, at);
  const { program, comments } = parsed;
  const scopes = analyseScopes(program);
  const { parameters: nodes, others, stars } = findExports(program, scopes, at);
  refuseConflicts(nodes, scopes, at);

  const inference = new TypeInference(text, scopes, new TypeReader(program, text, scopes));
  const defaults = evaluateParameters(nodes, scopes, new Map());
  const names = new Set(nodes.map(({ name }) => name));
  const statements = statementStarts(program);
  const parameters = nodes.map((node): Declaration => {
    const { name, declarator } = node;
    const doc = parameterDoc(node, statements.get(node.declaration.start) ?? node.declaration, text, comments);
    const { init } = declarator;
    const uses = init === null ? [] : within(scopes.references, init).filter((use) => names.has(use.name));
    return {
      name,
      line: at.line(declarator.id.start),
      column: at.column(declarator.id.start),
      ...inference.typeOfDeclaration(declarator),
      ...(doc.text === undefined ? {} : { doc: doc.text }),
      tags: doc.tags,
      ...(init === null ? {} : { defaultText: text.slice(init.start, init.end) }),
      defaultValue: defaults.get(name) ?? { known: false },
      awaits:
        init !== null &&
        within(
          scopes.awaits.map((start) => ({ start })),
          init,
        ).length > 0,
      uses: [...new Set(uses.map((use) => use.name))].filter((used) => used !== name),
    };
  });
  const awaits = new Map(parameters.map((parameter) => [parameter.name, parameter.awaits]));
  const description = moduleDescription(program, text, comments);
  return {
    path,
    text,
    parameters,
    copies: findCopies(program, scopes, names, at),
    imports: findImports(program, scopes, at),
    hookPoints: findHookPoints(program, text, comments, at),
    ...(description === undefined ? {} : { description }),
    exports: others,
    free: scopes.free,
    isModule: parsed.module.hasModuleSyntax,
    starExports: stars,
    rewritten: rewrite(
      text,
      nodes.map((node) => ({ ...node, awaits: awaits.get(node.name) ?? false })),
      comments,
    ),
    evaluate: (overrides): Map<string, StaticValue> => evaluateParameters(nodes, scopes, overrides),
  };
}

function refuseErrors(errors: ReturnType<typeof parseSync>['errors'], at: Locator): void {
  const error = errors.find(({ severity }) => severity === 'Error');
  if (error === undefined) return;
  const [label] = error.labels;
  const place = label === undefined ? at.file : at.exactPlace(label.start);
  throw new ComexError('E_SYNTAX', `${place}: ${error.message.replace(/\.$/, '')}.`);
}

/** For each variable declaration at the top, the statement that it stands in: itself, or its `export`. */
function statementStarts(program: Program): Map<number, { readonly start: number }> {
  const starts = new Map<number, { readonly start: number }>();
  for (const node of program.body) {
    const declaration = node.type === 'ExportNamedDeclaration' ? node.declaration : node;
    if (declaration?.type === 'VariableDeclaration') starts.set(declaration.start, node);
  }
  return starts;
}

/** Other variables of the top that are computed from a parameter when the module is loaded. */
function findCopies(program: Program, scopes: Scopes, parameters: ReadonlySet<string>, at: Locator): Copy[] {
  const copies: Copy[] = [];
  for (const node of program.body) {
    const declaration = node.type === 'ExportNamedDeclaration' ? node.declaration : node;
    if (declaration?.type !== 'VariableDeclaration') continue;
    for (const { id, init } of declaration.declarations) {
      if (init === null) continue;
      const direct = within(scopes.references, init).filter(({ name, nested }) => !nested && parameters.has(name));
      const used = new Set(direct.map(({ name }) => name));
      for (const { name, start } of boundNames(id)) {
        if (parameters.has(name)) continue;
        for (const parameter of used) copies.push({ name, parameter, line: at.line(start) });
      }
    }
  }
  return copies;
}

function within<T extends { readonly start: Reference['start'] }>(
  items: readonly T[],
  span: { readonly start: number; readonly end: number },
): T[] {
  return items.filter(({ start }) => span.start <= start && start < span.end);
}
