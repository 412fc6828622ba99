import type { BinaryExpression, Expression, ObjectExpression } from 'oxc-parser';
import { marked } from '../compose.ts';
import type { StaticValue } from '../definition.ts';
import { binaryValue, unaryValue } from './static-operators.ts';
import { NotStatic, Sizes } from './static-sizes.ts';

/** Values of the names that an expression may use, as of an offset in the source. */
export interface StaticNames {
  valueOf(name: string, offset: number): StaticValue;
  /** Whether nothing in the module declares the name. */
  isGlobal(name: string): boolean;
  /** What `replace(…)` holds, when an expression is such a call. */
  replaced?(expression: Expression): Expression | undefined;
}

/**
 * The value of an expression, worked out without running it: literals, operators, arrays, objects and known names.
 * Functions and calls are not known. Never throws; the work and the size of the value are bounded.
 */
export function staticValue(node: Expression, names: StaticNames): StaticValue {
  try {
    return { known: true, value: new Evaluation(names).value(node) };
  } catch {
    // Not static, too large, nested too deeply, or wrong as in `1n + 1`: all of them are for the run to tell.
    return { known: false };
  }
}

class Evaluation {
  private readonly names: StaticNames;
  private readonly sizes = new Sizes();

  constructor(names: StaticNames) {
    this.names = names;
  }

  value(node: Expression): unknown {
    switch (node.type) {
      case 'Literal':
        if ('regex' in node) throw new NotStatic();
        return node.value;
      case 'TemplateLiteral': {
        let text = node.quasis[0]?.value.cooked ?? '';
        for (const [i, expression] of node.expressions.entries()) {
          text += String(primitive(this.value(expression))) + (node.quasis[i + 1]?.value.cooked ?? '');
          this.sizes.check(text);
        }
        return text;
      }
      case 'ParenthesizedExpression':
      case 'ChainExpression':
      case 'TSAsExpression':
      case 'TSSatisfiesExpression':
      case 'TSNonNullExpression':
      case 'TSTypeAssertion':
        return this.value(node.expression);
      case 'Identifier':
        return this.name(node.name, node.start);
      case 'UnaryExpression':
        return unaryValue(node.operator, this.value(node.argument));
      case 'BinaryExpression': {
        const { left, operator, right } = node as BinaryExpression;
        return this.sizes.check(binaryValue(operator, primitive(this.value(left)), primitive(this.value(right))));
      }
      case 'LogicalExpression': {
        const left = this.value(node.left);
        if (node.operator === '??') return left ?? this.value(node.right);
        return node.operator === '||' ? left || this.value(node.right) : left && this.value(node.right);
      }
      case 'ConditionalExpression':
        return this.value(node.test) ? this.value(node.consequent) : this.value(node.alternate);
      case 'ArrayExpression':
        return this.array(node.elements);
      case 'ObjectExpression':
        return this.object(node);
      case 'MemberExpression':
        return this.member(node);
      case 'NewExpression': {
        const [argument, ...more] = node.arguments;
        const isDate = node.callee.type === 'Identifier' && node.callee.name === 'Date' && this.names.isGlobal('Date');
        if (!isDate || argument === undefined || argument.type === 'SpreadElement' || more.length > 0)
          throw new NotStatic();
        const time = primitive(this.value(argument));
        if (typeof time !== 'string' && typeof time !== 'number') throw new NotStatic();
        return new Date(time);
      }
      default:
        throw new NotStatic();
    }
  }

  private name(name: string, offset: number): unknown {
    if (this.names.isGlobal(name)) {
      if (name === 'undefined') return undefined;
      if (name === 'NaN') return Number.NaN;
      if (name === 'Infinity') return Number.POSITIVE_INFINITY;
      throw new NotStatic();
    }
    const found = this.names.valueOf(name, offset);
    if (!found.known) throw new NotStatic();
    return found.value;
  }

  private array(elements: Extract<Expression, { type: 'ArrayExpression' }>['elements']): unknown[] {
    const array: unknown[] = [];
    for (const element of elements) {
      // A hole is not the same as undefined.
      if (element === null) throw new NotStatic();
      if (element.type !== 'SpreadElement') array.push(this.value(element));
      else {
        const spread = this.value(element.argument);
        if (typeof spread !== 'string' && !isPlainArray(spread)) throw new NotStatic();
        for (const item of spread) array.push(item);
      }
      this.sizes.checkLength(array.length);
    }
    return this.sizes.check(array);
  }

  private object(node: ObjectExpression): object {
    const object: Record<string, unknown> = {};
    for (const property of node.properties) {
      if (property.type === 'SpreadElement') {
        const spread = this.value(property.argument);
        if (spread === null || spread === undefined) continue;
        if (!isPlainArray(spread) && !isPlainObject(spread)) throw new NotStatic();
        for (const key of Object.keys(spread)) define(object, key, ownValue(spread, key));
        continue;
      }
      const { key, computed } = property;
      if (property.kind !== 'init' || property.method) throw new NotStatic();
      let name: string;
      if (key.type === 'Identifier' && !computed) name = key.name;
      else if (key.type === 'PrivateIdentifier') throw new NotStatic();
      else name = String(primitive(this.value(key as Expression)));
      // A plain __proto__ sets the prototype.
      if (name === '__proto__' && !computed && !property.shorthand) throw new NotStatic();
      define(object, name, this.field(property.value));
    }
    return this.sizes.check(object);
  }

  private field(node: Expression): unknown {
    const inside = this.names.replaced?.(node);
    return inside === undefined ? this.value(node) : marked({ kind: 'replace', value: this.value(inside) });
  }

  private member(node: Extract<Expression, { type: 'MemberExpression' }>): unknown {
    const { object, property } = node;
    if (property.type === 'PrivateIdentifier') throw new NotStatic();
    if (object.type === 'Identifier' && this.names.isGlobal(object.name) && !node.computed) {
      const constant = numericConstant(object.name, (property as { name: string }).name);
      if (constant !== undefined) return constant;
    }
    const owner = this.value(object);
    if (owner === undefined && node.optional) return undefined;
    if (owner === null && node.optional) return undefined;
    const key = node.computed ? String(primitive(this.value(property))) : (property as { name: string }).name;
    if (typeof owner === 'string' && (key === 'length' || /^\d+$/.test(key))) return owner[key as 'length'];
    if (!isPlainArray(owner) && !isPlainObject(owner)) throw new NotStatic();
    if (Object.hasOwn(owner, key)) return ownValue(owner, key);
    if (key in owner) throw new NotStatic();
    return undefined;
  }
}

/** `Math.PI`, `Number.MAX_SAFE_INTEGER` and the like. */
function numericConstant(owner: string, name: string): number | undefined {
  const object: object | undefined = owner === 'Math' ? Math : owner === 'Number' ? Number : undefined;
  if (object === undefined || !/^[A-Z]\w+$/.test(name)) return undefined;
  const value: unknown = Object.hasOwn(object, name) ? object[name as never] : undefined;
  return typeof value === 'number' ? value : undefined;
}

/** Objects are compared and converted by the run, not here. */
function primitive(value: unknown): unknown {
  if ((typeof value === 'object' && value !== null) || typeof value === 'function' || typeof value === 'symbol') {
    throw new NotStatic();
  }
  return value;
}

function isPlainArray(value: unknown): value is unknown[] {
  return Array.isArray(value) && Object.getPrototypeOf(value) === Array.prototype;
}

function isPlainObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function ownValue(owner: object, key: string): unknown {
  const descriptor = Object.getOwnPropertyDescriptor(owner, key);
  // Reading a getter would run code.
  if (descriptor === undefined || !('value' in descriptor)) throw new NotStatic();
  return descriptor.value;
}

function define(object: object, key: string, value: unknown): void {
  Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
}
