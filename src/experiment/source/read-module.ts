import { type Program, parseSync } from 'oxc-parser';
import { ComexError } from '../../errors.ts';
import type { Copy, Declaration, ExtendReference, IncludeReference, ModuleSource, StaticValue } from '../definition.ts';
import { attempt, type Refuse, throwProblem } from '../refuse.ts';
import { findChildRuns } from './child-runs.ts';
import { moduleDescription, parameterDoc } from './comments.ts';
import { constantValue, evaluateParameters, inheritedValue } from './evaluate.ts';
import { findExtend, findSelfImport } from './extend.ts';
import { formOf, refuseMisplaced } from './forms.ts';
import { findGuards } from './guards.ts';
import { findHookEntries } from './hook-entries.ts';
import { findHookPoints } from './hook-points.ts';
import { importedNames, usedImports } from './imported-names.ts';
import { findImports } from './imports.ts';
import { findInclude } from './include.ts';
import { TypeInference } from './infer.ts';
import { Library } from './library.ts';
import { type Locator, locator } from './location.ts';
import { boundNames, findExports, refuseConflicts } from './parameters.ts';
import { rewrite } from './rewrite.ts';
import { analyseScopes, type Reference, type Scopes } from './scopes.ts';
import { TypeImports } from './type-imports.ts';
import { TypeReader } from './types.ts';

/**
 * Reads an experiment module without running it.
 *
 * @param path Absolute path; its extension tells the language.
 * @param text The source.
 * @param refuse What becomes of a problem; a text that is no module is thrown in any case.
 * @throws ComexError `E_SYNTAX` with file:line:column; `E_PARAMETER` for a form that cannot be a parameter;
 * `E_EXPERIMENT` for parents and mixins that are not named by literal paths.
 *
 * @example
 * ```ts
 * const module = readModule('/project/experiments/digits.ts', 'export const EPOCHS = 20;');
 * console.log(module.parameters[0]?.typeText); // number
 * ```
 */
export function readModule(path: string, text: string, refuse: Refuse = throwProblem): ModuleSource {
  const at = locator(path, text, refuse);
  const parsed = parseSync(path, text, { astType: 'ts' });
  refuseErrors(parsed.errors, at);
  const { program, comments } = parsed;
  const scopes = analyseScopes(program);
  const { parameters: nodes, others, stars } = findExports(program, scopes, at);
  refuseConflicts(nodes, scopes, at);

  const imported = importedNames(program);
  const library = new Library(imported, scopes);
  refuseMisplaced(program, nodes, library, at);
  const inference = new TypeInference(text, scopes, new TypeReader(program, text, scopes), library);
  const evaluated = { parameters: nodes, scopes, library };
  const defaults = evaluateParameters(evaluated, new Map());
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
      usesImported: init === null ? [] : usedImports(init, within(scopes.references, init), imported),
      annotated: declarator.id.typeAnnotation !== null && declarator.id.typeAnnotation !== undefined,
      form: formOf(init, library),
    };
  });
  const awaits = new Map(parameters.map((parameter) => [parameter.name, parameter.awaits]));
  const rewritable = nodes.map((node) => ({ ...node, awaits: awaits.get(node.name) ?? false }));
  const rewritten = rewrite(text, rewritable, comments);
  const guards = findGuards(program, scopes, names);
  const description = moduleDescription(program, text, comments);
  const types = new TypeImports(program, at);
  let extend: ExtendReference | undefined;
  attempt(() => {
    extend = findExtend(program, scopes, library, types, at);
  }, refuse);
  let include: readonly IncludeReference[] = [];
  attempt(() => {
    include = findInclude(program, scopes, at);
  }, refuse);
  const selfImport = findSelfImport(program, scopes, library, types);
  const points = findHookPoints(program, text, comments, at);
  const hooks = findHookEntries(program, text, comments, scopes, library, at);
  return {
    path,
    text,
    parameters,
    copies: findCopies(program, scopes, names, at),
    imports: findImports(program, scopes, at),
    hookPoints: points.points,
    hookPointsKnown: points.known,
    ...(extend === undefined ? {} : { extend }),
    include,
    hooks: hooks.entries,
    hooksKnown: hooks.known,
    runs: findChildRuns(program, text, at),
    ...(selfImport === undefined ? {} : { selfImport }),
    ...(description === undefined ? {} : { description }),
    exports: others,
    constant: (name) => {
      const [binding] = scopes.top.get(name) ?? [];
      return { ...constantValue(evaluated, name), line: binding === undefined ? 1 : at.line(binding.start) };
    },
    free: scopes.free,
    isModule: parsed.module.hasModuleSyntax,
    starExports: stars,
    rewritten,
    guarded: guards.length === 0 ? rewritten : rewrite(text, rewritable, comments, guards),
    evaluate: (overrides, withheld): Map<string, StaticValue> => evaluateParameters(evaluated, overrides, withheld),
    inherited: (name, parent, overrides, withheld): StaticValue =>
      inheritedValue(evaluated, name, parent, overrides, withheld),
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
