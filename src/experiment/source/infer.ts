import type { BinaryExpression, CallExpression, Expression, ObjectExpression, VariableDeclarator } from 'oxc-parser';
import type { ObjectField, ParameterType } from '../definition.ts';
import type { Library } from './library.ts';
import type { Scopes } from './scopes.ts';
import { keyName } from './tree.ts';
import { isHuge, nonNullable, typeText, unionOf, widened } from './type-text.ts';
import { sourceText, type TypeReader } from './types.ts';

const NUMBER: ParameterType = { kind: 'number' };
const STRING: ParameterType = { kind: 'string' };
const BOOLEAN: ParameterType = { kind: 'boolean' };
const UNKNOWN: ParameterType = { kind: 'opaque', text: 'unknown' };
/** Methods that give a string whatever they are called on. */
const TEXT_METHODS = /^(toString|toFixed|toPrecision|toISOString|toUpperCase|toLowerCase|trim|padStart|padEnd)$/;
/** Methods of a string that give a string. */
const STRING_METHODS = /^(concat|repeat|replace|replaceAll|slice|substring|trimStart|trimEnd|normalize)$/;

/** Tells the types of a module's variables: from the annotation, else from the initialiser. */
export class TypeInference {
  private readonly text: string;
  private readonly scopes: Scopes;
  private readonly reader: TypeReader;
  private readonly library: Library;
  private readonly known = new Map<VariableDeclarator, ParameterType>();
  private readonly pending = new Set<VariableDeclarator>();

  constructor(text: string, scopes: Scopes, reader: TypeReader, library: Library) {
    this.text = text;
    this.scopes = scopes;
    this.reader = reader;
    this.library = library;
  }

  /** The type of a declaration: annotated, else of its `as` or `satisfies`, else inferred and widened. */
  typeOfDeclaration(declarator: VariableDeclarator): { readonly type: ParameterType; readonly typeText: string } {
    const annotation = declarator.id.typeAnnotation?.typeAnnotation;
    const type = this.declared(declarator);
    return { type, typeText: annotation === undefined ? typeText(type) : sourceText(this.text, annotation) };
  }

  private declared(declarator: VariableDeclarator): ParameterType {
    const known = this.known.get(declarator);
    if (known !== undefined) return known;
    if (this.pending.has(declarator)) return { kind: 'any' };
    this.pending.add(declarator);
    const annotation = declarator.id.typeAnnotation?.typeAnnotation;
    let type: ParameterType = { kind: 'any' };
    if (annotation !== undefined) type = this.reader.read(annotation);
    else if (declarator.init !== null) type = anyForNothing(this.inferred(declarator.init));
    if (isHuge(type)) type = UNKNOWN;
    this.pending.delete(declarator);
    this.known.set(declarator, type);
    return type;
  }

  private inferred(node: Expression): ParameterType {
    try {
      return this.infer(node);
    } catch (error) {
      // Nested more deeply than the stack allows, such as a sum of thousands of terms.
      if (error instanceof RangeError) return UNKNOWN;
      throw error;
    }
  }

  private infer(node: Expression): ParameterType {
    switch (node.type) {
      case 'Literal': {
        if (node.value === null && !('regex' in node)) return { kind: 'null' };
        const kind = typeof node.value;
        return kind === 'object' ? { kind: 'opaque', text: 'RegExp' } : { kind: kind as 'string' };
      }
      case 'TemplateLiteral':
        return STRING;
      case 'ParenthesizedExpression':
      case 'ChainExpression':
        return this.infer(node.expression);
      case 'TSNonNullExpression':
        return nonNullable(this.infer(node.expression));
      case 'TSAsExpression':
      case 'TSSatisfiesExpression':
      case 'TSTypeAssertion': {
        const { typeAnnotation: type } = node;
        const isConst = type.type === 'TSTypeReference' && sourceText(this.text, type) === 'const';
        return isConst ? this.infer(node.expression) : this.reader.read(type);
      }
      case 'UnaryExpression':
        if (node.operator === '!' || node.operator === 'delete') return BOOLEAN;
        if (node.operator === 'typeof') return STRING;
        if (node.operator === 'void') return { kind: 'undefined' };
        return node.operator !== '+' && widened(this.infer(node.argument)).kind === 'bigint'
          ? { kind: 'bigint' }
          : NUMBER;
      case 'BinaryExpression':
        return node.left.type === 'PrivateIdentifier' ? BOOLEAN : this.binary(node as BinaryExpression);
      case 'LogicalExpression': {
        const left = this.infer(node.left);
        const right = this.infer(node.right);
        if (node.operator === '&&') return unionOf([left, right]);
        return left.kind === 'null' || left.kind === 'undefined' ? right : unionOf([nonNullable(left), right]);
      }
      case 'ConditionalExpression':
        return unionOf([this.infer(node.consequent), this.infer(node.alternate)]);
      case 'SequenceExpression':
        return this.infer(node.expressions.at(-1)!);
      case 'ArrayExpression': {
        const elements = node.elements.map((element): ParameterType => {
          if (element === null) return { kind: 'undefined' };
          if (element.type !== 'SpreadElement') return this.infer(element);
          const spread = this.infer(element.argument);
          return spread.kind === 'array'
            ? spread.element
            : spread.kind === 'tuple'
              ? unionOf(spread.elements)
              : { kind: 'any' };
        });
        return { kind: 'array', element: anyForNothing(unionOf(elements)) };
      }
      case 'ObjectExpression':
        return this.object(node);
      case 'ArrowFunctionExpression':
      case 'FunctionExpression':
      case 'ClassExpression':
        return { kind: 'function' };
      case 'Identifier':
        return this.variable(node.name) ?? UNKNOWN;
      case 'MemberExpression':
        return this.member(node) ?? UNKNOWN;
      case 'NewExpression':
        if (node.callee.type !== 'Identifier') return UNKNOWN;
        if (node.callee.name === 'Date' && this.isGlobal('Date')) return { kind: 'date' };
        return { kind: 'opaque', text: node.callee.name };
      case 'CallExpression':
        return this.call(node) ?? UNKNOWN;
      default:
        return UNKNOWN;
    }
  }

  private binary(node: BinaryExpression): ParameterType {
    if (/^([=!<>]=+|[<>]|in|instanceof)$/.test(node.operator)) return BOOLEAN;
    const left = widened(this.infer(node.left));
    const right = widened(this.infer(node.right));
    const has = (kind: ParameterType['kind']): boolean => left.kind === kind || right.kind === kind;
    if (node.operator === '+' && has('string')) return STRING;
    if (has('bigint')) return { kind: 'bigint' };
    if (node.operator !== '+') return has('number') ? NUMBER : UNKNOWN;
    return left.kind === 'number' && right.kind === 'number' ? NUMBER : UNKNOWN;
  }

  private object(node: ObjectExpression): ParameterType {
    const fields = new Map<string, ObjectField>();
    for (const property of node.properties) {
      if (property.type === 'SpreadElement') {
        const spread = this.infer(property.argument);
        if (spread.kind !== 'object') return UNKNOWN;
        for (const [name, field] of Object.entries(spread.fields)) fields.set(name, field);
        continue;
      }
      const name = keyName(property.key, property.computed);
      if (name === undefined) return { kind: 'record', value: { kind: 'any' } };
      if (name === '__proto__' && !property.shorthand && !property.computed) return UNKNOWN;
      const type: ParameterType =
        property.kind === 'init' ? anyForNothing(this.infer(property.value)) : { kind: 'any' };
      fields.set(name, { type, optional: false });
    }
    // An empty object is a place for anything.
    if (fields.size === 0) return { kind: 'record', value: { kind: 'any' } };
    return { kind: 'object', fields: Object.fromEntries(fields) };
  }

  private variable(name: string): ParameterType | undefined {
    const bindings = this.scopes.top.get(name);
    if (bindings === undefined && !this.scopes.typeNames.has(name)) {
      if (name === 'undefined') return { kind: 'undefined' };
      return name === 'NaN' || name === 'Infinity' ? NUMBER : undefined;
    }
    const [binding] = bindings ?? [];
    if (binding?.kind === 'function' || binding?.kind === 'class') return { kind: 'function' };
    if (binding?.kind !== 'variable' || binding.declarator.id.type !== 'Identifier') return undefined;
    return this.declared(binding.declarator);
  }

  private member(node: Extract<Expression, { type: 'MemberExpression' }>): ParameterType | undefined {
    const { object, property } = node;
    if (object.type === 'MemberExpression' && sourceText(this.text, object) === 'process.env') {
      return unionOf([STRING, { kind: 'undefined' }]);
    }
    const isConstant = object.type === 'Identifier' && (object.name === 'Math' || object.name === 'Number');
    if (isConstant && this.isGlobal(object.name)) return NUMBER;
    if (object.type === 'Identifier' && this.scopes.top.get(object.name)?.[0]?.kind === 'enum') {
      return this.reader.enumType(object.name);
    }
    const type = this.infer(object);
    const name = property.type === 'PrivateIdentifier' ? undefined : keyName(property, node.computed);
    if (type.kind === 'object' && name !== undefined && Object.hasOwn(type.fields, name)) {
      const field = type.fields[name]!;
      return field.optional ? unionOf([field.type, { kind: 'undefined' }]) : field.type;
    }
    if (name === 'length' && (type.kind === 'array' || type.kind === 'tuple' || type.kind === 'string')) return NUMBER;
    if (!node.computed || type.kind !== 'array') return undefined;
    return property.type === 'Literal' && typeof property.value === 'number' ? type.element : undefined;
  }

  private call(node: CallExpression): ParameterType | undefined {
    const marker = this.library.call(node);
    // The parent's type is not for this module to tell.
    if (marker?.name === 'inherit') return { kind: 'opaque', text: 'inherited' };
    if (marker?.name === 'replace' && marker.argument !== undefined) return this.infer(marker.argument);
    const { callee } = node;
    if (callee.type === 'Identifier' && this.isGlobal(callee.name)) {
      if (/^(Number|parseInt|parseFloat)$/.test(callee.name)) return NUMBER;
      if (callee.name === 'String') return STRING;
      if (callee.name === 'BigInt') return { kind: 'bigint' };
      return callee.name === 'Boolean' ? BOOLEAN : undefined;
    }
    if (callee.type !== 'MemberExpression' || callee.computed || callee.property.type !== 'Identifier')
      return undefined;
    const { object, property } = callee;
    if (TEXT_METHODS.test(property.name)) return STRING;
    const isPath = object.type === 'Identifier' && object.name === 'path';
    if (isPath && /^(join|resolve|normalize|dirname|basename)$/.test(property.name)) return STRING;
    const receiver = this.infer(object);
    if (receiver.kind === 'string' && STRING_METHODS.test(property.name)) return STRING;
    if (receiver.kind === 'array' && property.name === 'join') return STRING;
    if (object.type !== 'Identifier') return undefined;
    const isNumeric = object.name === 'Math' || (object.name === 'Date' && property.name === 'now');
    return isNumeric && this.isGlobal(object.name) ? NUMBER : undefined;
  }

  private isGlobal(name: string): boolean {
    return !this.scopes.top.has(name) && !this.scopes.typeNames.has(name);
  }
}

/** A bare null or undefined is a place for a value to come. */
function anyForNothing(type: ParameterType): ParameterType {
  return type.kind === 'null' || type.kind === 'undefined' ? { kind: 'any' } : type;
}
