import type { Value } from './ast';
import { TemplateFault } from './template.errors';
import { equal, holds, print, sortedKeys, toJson, type Budget } from './values';

type Call = (args: readonly Value[], budget: Budget) => Value;
interface TemplateFunction {
  readonly least: number;
  readonly most: number;
  readonly call: Call;
}

const MANY = Infinity;
const fn = (least: number, most: number, call: Call): TemplateFunction => ({ least, most, call });

function dict(value: Value | undefined): Map<string, Value> {
  if (value instanceof Map) return value;
  throw new TemplateFault('failed', 'a dict is needed');
}

function list(value: Value | undefined): Value[] {
  if (Array.isArray(value)) return value;
  if (value === null || value === undefined) return [];
  throw new TemplateFault('failed', 'a list is needed');
}

function key(value: Value | undefined): string {
  if (typeof value === 'string') return value;
  throw new TemplateFault('failed', 'a key must be a text');
}

/** No number that people write is longer. */
const LONGEST_NUMBER = 400;

function number(value: Value | undefined): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'string' && value.length <= LONGEST_NUMBER && /^\s*[+-]?\d+(\.\d+)?\s*$/.test(value))
    return Number(value);
  throw new TemplateFault('failed', 'a number is needed');
}

function finite(value: number): number {
  if (Number.isFinite(value)) return value;
  throw new TemplateFault('failed', 'the result is no number');
}

function compared(args: readonly Value[], budget: Budget, test: (difference: number) => boolean): boolean {
  const [a, b] = args;
  if (typeof a === 'string' && typeof b === 'string') budget.read(Math.min(a.length, b.length));
  if (typeof a === 'number' && typeof b === 'number') return test(a - b);
  if (typeof a === 'string' && typeof b === 'string') return test(a < b ? -1 : a > b ? 1 : 0);
  throw new TemplateFault('failed', 'only two numbers or two texts can be compared');
}

/** The keys are texts that follow the dict. */
function picked(args: readonly Value[], budget: Budget, keep: (has: boolean) => boolean): Value {
  const source = dict(args[0]);
  const keys = new Set(
    args
      .slice(1)
      .flatMap((arg) => (Array.isArray(arg) ? arg : [arg]))
      .map(key),
  );
  budget.spend(source.size + keys.size);
  return new Map([...source].filter(([name]) => keep(keys.has(name))));
}

const FUNCTIONS: ReadonlyMap<string, TemplateFunction> = new Map(
  Object.entries({
    dict: fn(0, MANY, (args) => {
      if (args.length % 2 === 1) throw new TemplateFault('failed', 'keys and values must come in pairs');
      const made = new Map<string, Value>();
      for (let i = 0; i < args.length; i += 2) made.set(key(args[i]), args[i + 1] ?? null);
      return made;
    }),
    merge: fn(1, MANY, ([first, ...others], budget) => {
      const target = dict(first);
      for (const other of others) {
        budget.spend(dict(other).size);
        for (const [name, value] of dict(other)) target.set(name, value);
      }
      return target;
    }),
    get: fn(2, 2, ([source, name]) => dict(source).get(key(name)) ?? null),
    set: fn(3, 3, ([target, name, value = null]) => dict(target).set(key(name), value)),
    unset: fn(2, 2, ([target, name]) => {
      dict(target).delete(key(name));
      return target ?? null;
    }),
    hasKey: fn(2, 2, ([source, name]) => dict(source).has(key(name))),
    list: fn(0, MANY, (args) => [...args]),
    append: fn(2, MANY, ([source, ...items], budget) => {
      budget.spend(list(source).length / 10);
      return [...list(source), ...items];
    }),
    keys: fn(1, MANY, (args, budget) => {
      const all = args.map(dict);
      return all.flatMap((map) => [...sortedKeys(map, budget)]);
    }),
    values: fn(1, 1, ([source], budget) => {
      return sortedKeys(dict(source), budget).map((name) => dict(source).get(name) ?? null);
    }),
    pick: fn(1, MANY, (args, budget) => picked(args, budget, (has) => has)),
    omit: fn(1, MANY, (args, budget) => picked(args, budget, (has) => !has)),
    pluck: fn(1, MANY, ([name, ...dicts], budget) => {
      for (const arg of dicts) budget.spend(Array.isArray(arg) ? arg.length : 1);
      const all = dicts.flatMap((arg) => (Array.isArray(arg) ? arg : [arg])).map(dict);
      return all.filter((map) => map.has(key(name))).map((map) => map.get(key(name)) ?? null);
    }),
    add: fn(1, MANY, (args) => finite(args.reduce<number>((sum, arg) => sum + number(arg), 0))),
    sub: fn(2, 2, ([a, b]) => finite(number(a) - number(b))),
    mul: fn(1, MANY, (args) => finite(args.reduce<number>((product, arg) => product * number(arg), 1))),
    div: fn(2, 2, ([a, b]) => {
      if (number(b) === 0) throw new TemplateFault('failed', 'division by zero');
      return finite(number(a) / number(b));
    }),
    eq: fn(2, MANY, ([first = null, ...others], budget) => others.some((other) => equal(first, other, budget))),
    ne: fn(2, 2, ([a = null, b = null], budget) => !equal(a, b, budget)),
    lt: fn(2, 2, (args, budget) => compared(args, budget, (difference) => difference < 0)),
    le: fn(2, 2, (args, budget) => compared(args, budget, (difference) => difference <= 0)),
    gt: fn(2, 2, (args, budget) => compared(args, budget, (difference) => difference > 0)),
    ge: fn(2, 2, (args, budget) => compared(args, budget, (difference) => difference >= 0)),
    not: fn(1, 1, ([value = null]) => !holds(value)),
    // `and` and `or` stop at the first argument that decides: the interpreter carries them out itself.
    and: fn(1, MANY, ([value = null]) => value),
    or: fn(1, MANY, ([value = null]) => value),
    len: fn(1, 1, ([value = null], budget) => {
      if (typeof value === 'string') {
        budget.read(value.length);
        return Array.from(value).length;
      }
      return value instanceof Map ? value.size : list(value).length;
    }),
    index: fn(1, MANY, ([value = null, ...path]) =>
      path.reduce<Value>((current, step) => {
        if (current instanceof Map) return current.get(key(step)) ?? null;
        const place = number(step);
        const found = list(current)[place];
        if (found === undefined) throw new TemplateFault('failed', `the list has no index ${place}`);
        return found;
      }, value),
    ),
    print: fn(0, MANY, (args, budget) => {
      const text = args.map((arg) => print(arg, budget)).join('');
      budget.produce(text.length);
      return text;
    }),
    default: fn(2, 2, ([fallback = null, value = null]) => (holds(value) ? value : fallback)),
    toJson: fn(1, 1, ([value = null], budget) => toJson(value, budget)),
  }),
);

export const FUNCTION_NAMES: readonly string[] = [...FUNCTIONS.keys()];

export function isFunction(name: string): boolean {
  return FUNCTIONS.has(name);
}

/** Throws TemplateFault with the line. */
export function call(name: string, args: readonly Value[], budget: Budget, line: number): Value {
  const found = FUNCTIONS.get(name);
  if (!found) throw new TemplateFault('invalid', `There is no function "${name}".`, line);
  if (args.length < found.least || args.length > found.most)
    throw new TemplateFault('failed', `"${name}" was given ${args.length} arguments.`, line);
  budget.spend(1 + args.length / 10);
  try {
    return found.call(args, budget);
  } catch (error) {
    if (error instanceof TemplateFault && error.kind === 'failed')
      throw new TemplateFault('failed', `"${name}": ${error.message}.`, line);
    throw error;
  }
}
