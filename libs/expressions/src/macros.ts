import { contentOf, type Json } from '@flow/kernel';
import type { Compilation } from './compilation';
import { ExpressionFailed, ExpressionInvalid, type Site } from './expression.errors';
import type { Frame, Run } from './frame';
import { keysOf } from './list-functions';
import { truth } from './operations';
import type { Ast } from './parser';
import { kindOf } from './text';

/** What a macro makes of the elements; `visit` sets the element and runs an expression on it. */
type Fold = (items: readonly Json[], test: (item: Json) => boolean, transform: (item: Json) => Json) => Json;

const FOLDS: Readonly<Record<string, Fold>> = {
  map: (items, test, transform) => {
    const made: Json[] = [];
    for (const item of items) if (test(item)) made.push(transform(item));
    return made;
  },
  filter: (items, test) => items.filter((item) => test(item)),
  exists: (items, test) => items.some((item) => test(item)),
  all: (items, test) => items.every((item) => test(item)),
  exists_one: (items, test) => {
    let found = 0;
    for (const item of items) if (test(item)) found += 1;
    return found === 1;
  },
};
export const MACROS: ReadonlySet<string> = new Set(Object.keys(FOLDS));

/** `list.map(x, e)`, `list.map(x, condition, e)`, `list.filter(x, condition)` and the like; over an object x is each key; over null there is nothing. */
export function compileMacro(
  compilation: Compilation,
  name: string,
  receiver: Ast,
  args: readonly Ast[],
  site: Site,
): Run {
  const fold = FOLDS[name];
  const [variable, ...bodies] = args;
  if (!fold || variable?.op !== 'id' || bodies.length < 1 || bodies.length > (name === 'map' ? 2 : 1))
    throw new ExpressionInvalid(`"${name}" takes a name and an expression about it: list.${name}(x, ...)`, site);
  const list = compilation.compile(receiver);
  return compilation.within(variable.args, (slot) => {
    const runs = bodies.map((body) => compilation.compile(body));
    const transform = name === 'map' ? runs.pop() : undefined;
    const condition = runs[0];
    const what = `The condition of "${name}"`;
    return (frame) => {
      frame.spend(1);
      const visit = (item: Json, run: Run): Json => {
        frame.spend(2);
        frame.locals[slot] = item;
        return run(frame);
      };
      return fold(
        elementsOf(contentOf(list(frame)), name, frame, site),
        (item) => !condition || truth(visit(item, condition), what, site),
        (item) => (transform ? visit(item, transform) : item),
      );
    };
  });
}

function elementsOf(value: Json, name: string, frame: Frame, site: Site): readonly Json[] {
  if (value === null) return [];
  if (Array.isArray(value)) return value as readonly Json[];
  if (typeof value === 'object') return keysOf(value as Exclude<typeof value, readonly Json[]>, frame);
  throw new ExpressionFailed(`"${name}" goes over a list or the keys of an object, not over ${kindOf(value)}`, site);
}
