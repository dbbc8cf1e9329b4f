import type { JsonObject } from '@flow/kernel';
import { Chance } from './chance';
import { Driver } from './driver';
import { Difference, EngineSide, same, type Advance } from './engine-side';
import type { LargeSide } from './large-side';
import type { Happening } from './happening';
import { Model, type Definition } from './model';
import { viewOf, type View } from './view';

export interface Comparison {
  readonly happenings: readonly Happening[];
  readonly model: Model;
  /** Where the two differ first; undefined when they never do. */
  readonly difference?: string;
}

export interface Under {
  readonly advance?: Advance;
  /** Everything that comes in is too large to be held. */
  readonly large?: LargeSide;
  /** What the engine is given in the place of the definition. */
  readonly definition?: (dag: Definition) => Definition;
  /** What the engine is told in the place of what happens. */
  readonly happenings?: (happening: Happening, after: readonly Happening[]) => readonly Happening[];
}

const INPUT: JsonObject = { n: 1, list: [0, 2, 4] };

/** Runs a definition through model and engine side by side, with the happenings that a seed draws. */
export function compare(dag: Definition, seed: number, under: Under = {}): Comparison {
  const chance = new Chance(seed);
  const model = new Model(dag, INPUT, 1_000);
  const happenings: Happening[] = [];
  try {
    const engine = new EngineSide(under.definition?.(dag) ?? dag, INPUT, 1_000, under.advance, under.large);
    const driver = new Driver(dag, chance, (path) => engine.wakeAt(path));
    compareNow(model, engine);
    for (let next = driver.next(model); next; next = driver.next(model)) {
      happenings.push(next);
      const cancelledBefore = model.childrenCancelled.length;
      model.happen(next);
      const told = under.happenings?.(next, driver.past) ?? [next];
      for (const each of told) engine.happen(each);
      if (told.length === 0) continue;
      if (chance.is(0.1)) engine.restore();
      compareNow(model, engine);
      const cancelled = model.childrenCancelled.slice(cancelledBefore);
      same('children told to stop', [...cancelled].sort(), [...engine.childrenCancelled].sort());
    }
    if (!model.outcome) throw new Difference('the model is stuck');
  } catch (error) {
    const difference = error instanceof Difference ? error.message : `an exception: ${String((error as Error).stack)}`;
    return { happenings, model, difference };
  }
  return { happenings, model };
}

function compareNow(model: Model, engine: EngineSide): void {
  const expected = viewOf(model);
  const actual = engine.view();
  for (const part of ['outcome', 'calls', 'waits'] as const) same(part, expected[part], actual[part]);
  for (const part of ['pauses', 'aborts'] as const) same(part, [...expected[part]].sort(), [...actual[part]].sort());
  same('tasks', withoutForgotten(expected, actual), actual.tasks);
  engine.check();
}

/** Of a loop's iterations the engine keeps the newest; one that began and ended within one event was never seen. */
function withoutForgotten(expected: View, actual: View): View['tasks'] {
  const kept = Object.entries(expected.tasks).filter(([path]) => path in actual.tasks || !path.includes('['));
  return Object.fromEntries(kept);
}
