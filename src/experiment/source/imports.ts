import type { Program } from 'oxc-parser';
import type { ImportReference } from '../definition.ts';
import { literalText } from './exported.ts';
import type { Locator } from './location.ts';
import type { Scopes } from './scopes.ts';

/** Everything that a module loads, in source order. */
export function findImports(program: Program, scopes: Scopes, at: Locator): ImportReference[] {
  const found: { readonly start: number; readonly reference: ImportReference }[] = [];
  const add = (
    specifier: string | null,
    kind: ImportReference['kind'],
    typeOnly: boolean,
    { start }: { readonly start: number },
  ): void => {
    found.push({ start, reference: { specifier, kind, typeOnly, line: at.line(start) } });
  };
  for (const node of program.body) {
    switch (node.type) {
      case 'ImportDeclaration': {
        const inner = node.specifiers.map((specifier) =>
          specifier.type === 'ImportSpecifier' ? specifier.importKind : undefined,
        );
        add(node.source.value, 'static', isTypeOnly(node.importKind, inner), node);
        break;
      }
      case 'ExportNamedDeclaration': {
        const inner = node.specifiers.map((specifier) => specifier.exportKind);
        if (node.source !== null) add(node.source.value, 'static', isTypeOnly(node.exportKind, inner), node);
        break;
      }
      case 'ExportAllDeclaration':
        add(node.source.value, 'static', node.exportKind === 'type', node);
        break;
      case 'TSImportEqualsDeclaration':
        if (node.moduleReference.type === 'TSExternalModuleReference') {
          add(node.moduleReference.expression.value, 'require', node.importKind === 'type', node);
        }
        break;
      default:
    }
  }
  for (const load of scopes.loads) add(literalText(load.argument) ?? null, load.kind, false, load);
  return found.sort((a, b) => a.start - b.start).map(({ reference }) => reference);
}

function isTypeOnly(kind: string | undefined, specifiers: readonly (string | undefined)[]): boolean {
  return kind === 'type' || (specifiers.length > 0 && specifiers.every((inner) => inner === 'type'));
}
