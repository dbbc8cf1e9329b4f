import { FORBIDDEN_KEYS, contentOf, type Json } from '@flow/kernel';
import type { Reference } from './compiled';
import { compileCall } from './call';
import type { Compilation } from './compilation';
import { ExpressionFailed, ExpressionInvalid, type Site } from './expression.errors';
import type { Run } from './frame';
import { compileMacro, MACROS } from './macros';
import { MAX_EXPRESSION_DEPTH } from './limits';
import { safeKey } from './list-functions';
import { type Arithmetic, add, calculate, equal, finite, isIn, ordered, truth } from './operations';
import type { Ast } from './parser';
import { hasPart, readName, readPart } from './path';
import type { Source } from './source';
import { kindOf } from './text';

/** Turns a syntax tree into closures, once. What it does not know it refuses: the interpreter is closed. */
export class Compiler implements Compilation {
  readonly references = new Map<string, Reference>();
  private slots = 0;
  private depth = 0;
  /** Names bound by the macros around, with their slots. */
  private readonly bound = new Map<string, number>();

  constructor(private readonly source: Source) {}

  compile(node: Ast): Run {
    this.depth += 1;
    if (this.depth > MAX_EXPRESSION_DEPTH)
      throw new ExpressionInvalid(`The expression nests deeper than ${MAX_EXPRESSION_DEPTH} levels`, this.siteOf(node));
    const run = this.compileNode(node);
    this.depth -= 1;
    return run;
  }

  siteOf(node: Ast): Site {
    return this.source.siteOf(node.start);
  }

  within<T>(name: string, work: (slot: number) => T): T {
    const outer = this.bound.get(name);
    const slot = this.slots;
    this.slots += 1;
    this.bound.set(name, slot);
    const result = work(slot);
    if (outer === undefined) this.bound.delete(name);
    else this.bound.set(name, outer);
    return result;
  }

  private compileNode(node: Ast): Run {
    const site = this.siteOf(node);
    switch (node.op) {
      case 'value':
        return constant(literal(node.args, site));
      case 'id':
      case '.':
      case '[]':
        return this.access(node);
      case 'call': {
        const [name, args] = node.args;
        if (name === 'step') return this.access(node);
        if (name === 'has') return this.has(args, site);
        return compileCall(this, name, args, site);
      }
      case 'rcall': {
        const [name, receiver, args] = node.args;
        if (MACROS.has(name)) return compileMacro(this, name, receiver, args, site);
        return compileCall(this, name, [receiver, ...args], site);
      }
      case 'list': {
        const items = node.args.map((item) => this.compile(item));
        return (frame) => {
          frame.spend(1 + items.length);
          return items.map((item) => item(frame));
        };
      }
      case 'map':
        return this.object(node.args, site);
      case '?:': {
        const [condition, yes, no] = node.args.map((part) => this.compile(part)) as [Run, Run, Run];
        return (frame) => {
          frame.spend(1);
          return truth(condition(frame), 'The condition of "? :"', site) ? yes(frame) : no(frame);
        };
      }
      case '&&':
      case '||':
        return this.logic(node.op, this.chain(node, [node.op]), site);
      case '!_': {
        const operand = this.compile(node.args);
        return (frame) => {
          frame.spend(1);
          return !truth(operand(frame), '"!"', site);
        };
      }
      case '-_': {
        const operand = this.compile(node.args);
        return (frame) => {
          frame.spend(1);
          const value = operand(frame);
          if (value === null) return null;
          if (typeof value !== 'number') throw new ExpressionFailed(`"-" needs a number, not ${kindOf(value)}`, site);
          return finite(0 - value, '-', site);
        };
      }
      case '+':
      case '-':
        return this.arithmetic(this.chain(node, ['+', '-']));
      case '*':
      case '/':
      case '%':
        return this.arithmetic(this.chain(node, ['*', '/', '%']));
      case '<':
      case '<=':
      case '>':
      case '>=': {
        const { op } = node;
        return this.binary(node.args, (a, b, frame) => ordered(op, a, b, frame, site));
      }
      case '==':
        return this.binary(node.args, (a, b, frame) => equal(a, b, frame));
      case '!=':
        return this.binary(node.args, (a, b, frame) => !equal(a, b, frame));
      case 'in':
        return this.binary(node.args, (a, b, frame) => isIn(a, b, frame, site));
      default:
        throw new ExpressionInvalid(`"${node.op}" is not part of this language`, site);
    }
  }

  private binary([left, right]: [Ast, Ast], work: (a: Json, b: Json, frame: Parameters<Run>[0]) => Json): Run {
    const a = this.compile(left);
    const b = this.compile(right);
    return (frame) => {
      frame.spend(1);
      return work(a(frame), b(frame), frame);
    };
  }

  /** `a + b - c` as a list instead of a tree that leans to the left: long chains are neither deep nor slow. */
  private chain(node: Ast, operators: readonly string[]): readonly Link[] {
    const links: Link[] = [];
    let left = node;
    while (operators.includes(left.op)) {
      const [next, right] = left.args as [Ast, Ast];
      links.push({ operator: left.op, run: this.compile(right), site: this.siteOf(right) });
      left = next;
    }
    links.push({ operator: '', run: this.compile(left), site: this.siteOf(left) });
    return links.reverse();
  }

  private logic(operator: '&&' | '||', links: readonly Link[], site: Site): Run {
    const stop = operator === '||';
    return (frame) => {
      for (const link of links) {
        frame.spend(1);
        if (truth(link.run(frame), `"${operator}"`, site) === stop) return stop;
      }
      return !stop;
    };
  }

  private arithmetic(links: readonly Link[]): Run {
    const [first, ...others] = links as readonly [Link, ...Link[]];
    return (frame) => {
      let value = contentOf(first.run(frame));
      for (const { operator, run, site } of others) {
        frame.spend(1);
        const right = contentOf(run(frame));
        value =
          operator === '+' ? add(value, right, frame, site) : calculate(operator as Arithmetic, value, right, site);
      }
      return value;
    };
  }

  private object(entries: readonly (readonly [Ast, Ast])[], site: Site): Run {
    const pairs = entries.map(([key, value]): readonly [Run, Run] => {
      if (key.op === 'value' && typeof key.args === 'string' && FORBIDDEN_KEYS.has(key.args))
        throw new ExpressionInvalid(`The key "${key.args}" is not allowed`, this.siteOf(key));
      return [this.compile(key), this.compile(value)];
    });
    return (frame) => {
      frame.spend(1 + pairs.length);
      const object: Record<string, Json> = {};
      for (const [key, value] of pairs) object[safeKey(key(frame), site)] = value(frame);
      return object;
    };
  }

  /** A name, a step, or parts of them; the constant beginning of the path becomes a reference. */
  private access(node: Ast): Run {
    const { root, parts } = this.unwind(node);
    const { keys, path } = this.keysOf(parts);
    return walk(this.root(root, path), keys);
  }

  private unwind(node: Ast): { root: Ast; parts: (Ast | string)[] } {
    const parts: (Ast | string)[] = [];
    let root = node;
    while (root.op === '.' || root.op === '[]') {
      parts.push(root.args[1]);
      root = root.args[0];
    }
    return { root, parts: parts.reverse() };
  }

  private root(root: Ast, path: readonly (string | number)[]): Run {
    if (root.op === 'id') {
      const name = root.args;
      const slot = this.bound.get(name);
      if (slot !== undefined) return (frame) => frame.locals[slot] ?? null;
      this.refer({ name, path });
      return (frame) => readName(frame.scope, name);
    }
    if (root.op === 'call' && root.args[0] === 'step') {
      const id = this.stepId(root.args[1], this.siteOf(root));
      const name = `__${id}`;
      this.refer({ name, path });
      if (FORBIDDEN_KEYS.has(name)) return constant(null);
      return ({ scope }) => (scope.step ? (scope.step(id) ?? null) : readName(scope, name));
    }
    return this.compile(root);
  }

  private stepId(args: readonly Ast[], site: Site): string {
    const [id] = args;
    if (args.length !== 1 || id?.op !== 'value' || typeof id.args !== 'string' || id.args === '')
      throw new ExpressionInvalid(`step() takes one step id, written as a text: step('my-step')`, site);
    return id.args;
  }

  /** `has(a.b)`: the part is there, even as null. */
  private has(args: readonly Ast[], site: Site): Run {
    const [node] = args;
    if (args.length !== 1 || (node?.op !== '.' && node?.op !== '[]'))
      throw new ExpressionInvalid('has() takes one path with at least one part: has(vars.limit)', site);
    const { root, parts } = this.unwind(node);
    const { keys, path } = this.keysOf(parts);
    const container = walk(this.root(root, path), keys.slice(0, -1));
    const last = keys.at(-1) ?? '';
    return (frame) => {
      frame.spend(1);
      return hasPart(container(frame), typeof last === 'function' ? last(frame) : last);
    };
  }

  /** The keys of a path, computed ones compiled, and the constant ones that it begins with. */
  private keysOf(parts: readonly (Ast | string)[]): { keys: readonly Key[]; path: readonly (string | number)[] } {
    const keys = parts.map((part): Key => constantKey(part) ?? this.compile(part as Ast));
    const path: (string | number)[] = [];
    for (const key of keys) {
      if (typeof key === 'function') break;
      path.push(key);
    }
    return { keys, path };
  }

  private refer(reference: Reference): void {
    this.references.set(JSON.stringify([reference.name, ...reference.path]), reference);
  }
}

interface Link {
  readonly operator: string;
  readonly run: Run;
  readonly site: Site;
}

type Key = Run | string | number;

function walk(base: Run, keys: readonly Key[]): Run {
  const [first] = keys;
  if (first === undefined) return base;
  if (keys.length === 1 && typeof first !== 'function') return (frame) => readPart(base(frame), first);
  return (frame) => {
    frame.spend(keys.length);
    let value = base(frame);
    for (const key of keys) value = readPart(value, typeof key === 'function' ? key(frame) : key);
    return value;
  };
}

function constant(value: Json): Run {
  return () => value;
}

/** The key when it is written down: `.name`, `[0]`, `['a b']`. */
function constantKey(part: Ast | string): string | number | undefined {
  if (typeof part === 'string') return part;
  if (part.op !== 'value') return undefined;
  const value: unknown = part.args;
  return typeof value === 'string'
    ? value
    : typeof value === 'bigint' || typeof value === 'number'
      ? Number(value)
      : undefined;
}

/** A literal as JSON: every number is a double. */
function literal(value: unknown, site: Site): Json {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  const isUnsigned = typeof value === 'object' && 'value' in value && typeof value.value === 'bigint';
  const number = Number(
    isUnsigned ? value.value : typeof value === 'bigint' || typeof value === 'number' ? value : NaN,
  );
  if (Number.isFinite(number)) return number;
  throw new ExpressionInvalid(
    value instanceof Uint8Array ? 'Bytes are not part of this language' : 'The number is too large',
    site,
  );
}
