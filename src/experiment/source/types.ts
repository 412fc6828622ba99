import type {
  Program,
  TSInterfaceDeclaration,
  TSLiteralType,
  TSSignature,
  TSType,
  TSTypeAliasDeclaration,
} from 'oxc-parser';
import type { ObjectField, ParameterType } from '../definition.ts';
import { enumType } from './enum-type.ts';
import type { Scopes } from './scopes.ts';
import { keyName } from './tree.ts';
import { isHuge, unionOf } from './type-text.ts';
import { utilityType } from './utility-type.ts';

type NamedType = TSTypeAliasDeclaration | TSInterfaceDeclaration;

/** Reads the type annotations of one module. What the module alone does not tell is opaque. */
export class TypeReader {
  private readonly text: string;
  private readonly scopes: Scopes;
  private readonly named = new Map<string, NamedType[]>();
  private readonly enums = new Map<string, ParameterType>();
  private readonly resolved = new Map<string, ParameterType>();
  private readonly resolving = new Set<string>();

  constructor(program: Program, text: string, scopes: Scopes) {
    this.text = text;
    this.scopes = scopes;
    for (const statement of program.body) {
      const node = statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement;
      if (node?.type === 'TSTypeAliasDeclaration' || node?.type === 'TSInterfaceDeclaration') {
        this.named.set(node.id.name, [...(this.named.get(node.id.name) ?? []), node]);
      } else if (node?.type === 'TSEnumDeclaration') {
        this.enums.set(node.id.name, enumType(node));
      }
    }
  }

  read(node: TSType): ParameterType {
    switch (node.type) {
      case 'TSNumberKeyword':
        return { kind: 'number' };
      case 'TSStringKeyword':
      case 'TSTemplateLiteralType':
        return { kind: 'string' };
      case 'TSBooleanKeyword':
        return { kind: 'boolean' };
      case 'TSBigIntKeyword':
        return { kind: 'bigint' };
      case 'TSNullKeyword':
        return { kind: 'null' };
      case 'TSUndefinedKeyword':
      case 'TSVoidKeyword':
        return { kind: 'undefined' };
      case 'TSAnyKeyword':
      case 'TSUnknownKeyword':
        return { kind: 'any' };
      case 'TSFunctionType':
      case 'TSConstructorType':
        return { kind: 'function' };
      case 'TSParenthesizedType':
        return this.read(node.typeAnnotation);
      case 'TSLiteralType':
        return literalType(node) ?? this.opaque(node);
      case 'TSUnionType':
        return unionOf(node.types.map((member) => this.read(member)));
      case 'TSIntersectionType':
        return mergedObjects(node.types.map((member) => this.read(member))) ?? this.opaque(node);
      case 'TSArrayType':
        return { kind: 'array', element: this.read(node.elementType) };
      case 'TSTypeOperator':
        return node.operator === 'readonly' ? this.read(node.typeAnnotation) : this.opaque(node);
      case 'TSTupleType': {
        const elements: ParameterType[] = [];
        for (const element of node.elementTypes) {
          const inner = element.type === 'TSNamedTupleMember' ? element.elementType : element;
          const optional = element.type === 'TSNamedTupleMember' && element.optional;
          if (optional || inner.type === 'TSOptionalType' || inner.type === 'TSRestType') return this.opaque(node);
          elements.push(this.read(inner));
        }
        return { kind: 'tuple', elements };
      }
      case 'TSTypeLiteral':
        return this.members(node.members) ?? this.opaque(node);
      case 'TSTypeReference': {
        if (node.typeName.type !== 'Identifier') return this.opaque(node);
        const args = node.typeArguments?.params ?? [];
        return this.reference(node.typeName.name, args) ?? this.opaque(node);
      }
      default:
        return this.opaque(node);
    }
  }

  /** The type of a name; undefined when the module does not tell. */
  private reference(name: string, args: readonly TSType[]): ParameterType | undefined {
    const declared = this.named.get(name);
    const isOwn = declared !== undefined || this.scopes.top.has(name) || this.scopes.typeNames.has(name);
    if (!isOwn) return utilityType(name, args, (node) => this.read(node));
    if (args.length > 0) return undefined;
    if (declared === undefined) return this.enumType(name);
    if (this.resolving.has(name)) return undefined;
    const known = this.resolved.get(name);
    if (known !== undefined) return known;
    this.resolving.add(name);
    const type = this.declared(declared);
    this.resolving.delete(name);
    if (type === undefined || isHuge(type)) return undefined;
    this.resolved.set(name, type);
    return type;
  }

  private declared(nodes: readonly NamedType[]): ParameterType | undefined {
    if (nodes.some((node) => node.typeParameters !== null)) return undefined;
    const [first] = nodes;
    if (nodes.length === 1 && first?.type === 'TSTypeAliasDeclaration') return this.read(first.typeAnnotation);
    const parts: (ParameterType | undefined)[] = [];
    for (const node of nodes) {
      if (node.type !== 'TSInterfaceDeclaration') return undefined;
      for (const { expression, typeArguments } of node.extends) {
        if (expression.type !== 'Identifier') return undefined;
        parts.push(this.reference(expression.name, typeArguments?.params ?? []));
      }
      parts.push(this.members(node.body.body));
    }
    return parts.length === 1 ? parts[0] : mergedObjects(parts, true);
  }

  /** The type of an enum of the module. */
  enumType(name: string): ParameterType | undefined {
    return this.enums.get(name);
  }

  private members(members: readonly TSSignature[]): ParameterType | undefined {
    const [only] = members;
    // {} is everything but null and undefined.
    if (only === undefined) return { kind: 'any' };
    if (members.length === 1 && only.type === 'TSIndexSignature') {
      return { kind: 'record', value: this.read(only.typeAnnotation.typeAnnotation) };
    }
    if (
      members.every(({ type }) => type === 'TSCallSignatureDeclaration' || type === 'TSConstructSignatureDeclaration')
    ) {
      return { kind: 'function' };
    }
    const fields = new Map<string, ObjectField>();
    for (const member of members) {
      if (member.type !== 'TSPropertySignature' && member.type !== 'TSMethodSignature') return undefined;
      const name = keyName(member.key, member.computed);
      if (name === undefined) return undefined;
      fields.set(name, { type: this.memberType(member), optional: member.optional });
    }
    return { kind: 'object', fields: Object.fromEntries(fields) };
  }

  private memberType(member: Extract<TSSignature, { key: unknown }>): ParameterType {
    if (member.type === 'TSPropertySignature') {
      return member.typeAnnotation === null ? { kind: 'any' } : this.read(member.typeAnnotation.typeAnnotation);
    }
    // An accessor's own type is what is read from it.
    if (member.kind === 'method') return { kind: 'function' };
    return member.returnType === null ? { kind: 'any' } : this.read(member.returnType.typeAnnotation);
  }

  private opaque(node: { readonly start: number; readonly end: number }): ParameterType {
    return { kind: 'opaque', text: sourceText(this.text, node) };
  }
}

/** The source of a node on one line. */
export function sourceText(text: string, node: { readonly start: number; readonly end: number }): string {
  return text.slice(node.start, node.end).replace(/\s*[\n\r]\s*/g, ' ');
}

function literalType({ literal }: TSLiteralType): ParameterType | undefined {
  if (literal.type === 'TemplateLiteral') {
    return { kind: 'literal', value: literal.quasis[0]?.value.cooked ?? '' };
  }
  if (literal.type === 'UnaryExpression') {
    const { argument } = literal;
    if (literal.operator !== '-' || argument.type !== 'Literal') return undefined;
    const { value } = argument;
    return typeof value === 'number' || typeof value === 'bigint' ? { kind: 'literal', value: -value } : undefined;
  }
  return { kind: 'literal', value: literal.value };
}

/** The fields of several objects in one; undefined when one is no object, or when they disagree about a field. */
function mergedObjects(types: readonly (ParameterType | undefined)[], laterWins = false): ParameterType | undefined {
  const fields = new Map<string, ObjectField>();
  for (const type of types) {
    if (type?.kind === 'any' && laterWins) continue;
    if (type?.kind !== 'object') return undefined;
    for (const [name, field] of Object.entries(type.fields)) {
      if (fields.has(name) && !laterWins) return undefined;
      fields.set(name, field);
    }
  }
  return { kind: 'object', fields: Object.fromEntries(fields) };
}
