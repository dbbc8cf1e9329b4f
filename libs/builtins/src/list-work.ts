import { compileExpression, type Compiled } from '@flow/expressions';
import { AppError, isJsonObject, type Fault, type Json, type JsonObject } from '@flow/kernel';
import { failed, type OperatorContext, type Outcome } from '@flow/operators';
import { jsonOf } from './json-text';

/** Items that are worked on before others get their turn: a long list must not hold the process. */
const SLICE = 1000;

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

/** An item's expression, ready to run with `item`, `index` and the further values. */
export function itemExpression(text: string, values: JsonObject = {}): (item: Json, index: number) => Json {
  const compiled: Compiled = compileExpression(text);
  return (item, index) =>
    compiled.evaluate({
      get: (name) =>
        name === 'item' ? item : name === 'index' ? index : Object.hasOwn(values, name) ? values[name] : undefined,
    });
}

/**
 * Calls `visit` for each item in order, giving others their turn on long lists, and then `finish`. What an expression throws becomes a
 * failure that names the item.
 */
export function eachItem(
  list: readonly Json[],
  { signal }: Pick<OperatorContext, 'signal'>,
  visit: (item: Json, index: number) => void,
  finish: () => Outcome,
): Outcome | Promise<Outcome> {
  const slice = (from: number): Outcome | undefined => {
    for (let i = from; i < Math.min(list.length, from + SLICE); i += 1)
      try {
        visit(list[i] ?? null, i);
      } catch (error) {
        if (error instanceof AppError) return failed(error.code, `Item ${i}: ${error.message}`);
        throw error;
      }
    return undefined;
  };
  const rest = async (): Promise<Outcome> => {
    for (let from = SLICE; from < list.length; from += SLICE) {
      await new Promise<void>((resolve) => setImmediate(resolve));
      if (signal.aborted) return failed('task.aborted', 'The task was aborted.');
      const fault = slice(from);
      if (fault) return fault;
    }
    return finish();
  };
  return slice(0) ?? (list.length > SLICE ? rest() : finish());
}
