import { Budget, compileExpression, type Compiled } from '@flow/expressions';
import { AppError, isJsonObject, type Fault, type Json, type JsonObject } from '@flow/kernel';
import { failed, type OperatorContext, type Outcome } from '@flow/operators';
import { jsonOf } from './json-text';

/** Milliseconds of work on items before others get their turn: a long list must not hold the process. */
const SLICE_MS = 10;
/** Steps of work that all expressions of a call may take together, and how many more each item brings. */
const WORK = 20_000_000;
const WORK_AN_ITEM = 100;

export const listSchema = {
  data: { type: ['array', 'string', 'null'], description: 'A list, or the JSON text of one; null is an empty list' },
};

/** What expressions over items read beside `item` and `index`. */
export const valuesSchema = {
  values: {
    type: 'object',
    description: 'Further values that the expressions read by these names: {"limit": "{{vars.limit}}"}',
  },
};

export const expressionSchema = {
  type: 'string',
  minLength: 1,
  description: 'An expression over item and index, for example item.price * 2',
};

/** The list that a parameter means; undefined when it is none. */
export function listOf(data: Json): readonly Json[] | undefined {
  if (data === null) return [];
  const parsed = jsonOf(data);
  return 'value' in parsed && Array.isArray(parsed.value) ? (parsed.value as readonly Json[]) : undefined;
}

export function noList(): Outcome {
  return failed('array.data_invalid', '"data" is no list, and no JSON text of one.');
}

/** The fault of a text that is no expression, or that reads a name which no item has; for an operator's `check`. */
export function expressionFaults(text: Json | undefined, pointer: string, values: Json = {}): readonly Fault[] {
  if (typeof text !== 'string') return [];
  try {
    const { references } = compileExpression(text);
    // A template as a whole has names that only a run can tell.
    if (!isJsonObject(values)) return [];
    return references.flatMap(({ name }) => {
      if (name === 'item' || name === 'index' || Object.hasOwn(values, name)) return [];
      const message = `The expression reads "${name}"; it can read item, index and what stands under "values".`;
      return [{ pointer, code: 'expression.unknown_name', message }];
    });
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return [{ pointer, code: error.code, message: error.message }];
  }
}

/** What the expressions of one call may cost over all items of its list. */
export function budgetFor(list: readonly Json[]): Budget {
  return new Budget(WORK + WORK_AN_ITEM * list.length);
}

/** An item's expression, ready to run with `item`, `index` and the further values, on a budget that all items share. */
export function itemExpression(
  text: string,
  values: JsonObject = {},
  budget: Budget,
): (item: Json, index: number) => Json {
  const compiled: Compiled = compileExpression(text);
  return (item, index) =>
    compiled.evaluate({
      budget,
      get: (name) =>
        name === 'item' ? item : name === 'index' ? index : Object.hasOwn(values, name) ? values[name] : undefined,
    });
}

/** Work that pauses where it finds that its turn is over. */
export type Work = Generator<undefined, Outcome>;

/**
 * Calls `visit` for each item in order, giving others their turn on long lists, and then `finish`. What an expression throws becomes a
 * failure that names the item.
 */
export function eachItem(
  list: readonly Json[],
  context: Pick<OperatorContext, 'signal' | 'clock'>,
  visit: (item: Json, index: number) => void,
  finish: (isLate: () => boolean) => Outcome | Work,
): Outcome | Promise<Outcome> {
  return inTurns(context, function* (isLate) {
    for (const [i, item] of list.entries()) {
      try {
        visit(item, i);
      } catch (error) {
        if (error instanceof AppError) return failed(error.code, `Item ${i}: ${error.message}`);
        throw error;
      }
      if (isLate()) yield;
    }
    const end = finish(isLate);
    return 'kind' in end ? end : yield* end;
  });
}

/** Does the work at once when it is short, else a few milliseconds at a time: timers, sockets and other tasks have their turn in between. */
function inTurns(
  { signal, clock }: Pick<OperatorContext, 'signal' | 'clock'>,
  work: (isLate: () => boolean) => Work,
): Outcome | Promise<Outcome> {
  let ends = clock.monotonicMs() + SLICE_MS;
  const steps = work(() => clock.monotonicMs() > ends);
  const first = steps.next();
  if (first.done) return first.value;
  const rest = async (): Promise<Outcome> => {
    for (;;) {
      await new Promise<void>((resolve) => setImmediate(resolve));
      if (signal.aborted) return failed('task.aborted', 'The task was aborted.');
      ends = clock.monotonicMs() + SLICE_MS;
      const next = steps.next();
      if (next.done) return next.value;
    }
  };
  return rest();
}
