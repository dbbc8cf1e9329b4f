import { compileExpression, compileTemplate, compileValue, ExpressionInvalid, type Compiled } from '@flow/expressions';
import type { Fault, Json, JsonObject } from '@flow/kernel';
import type { Trigger, TriggerContent } from './trigger';

const NAMES = ['event', 'trigger'];
/** What names that are read are. */
const READ: Readonly<Record<string, string>> = {
  event: '"event" (a CloudEvent: event.data, event.type...)',
  trigger: '"trigger" (id, name, kind, dagId)',
  result: '"result" (of the run)',
  status: '"status" (succeeded, failed or cancelled)',
};
const MOST_CACHED = 5_000;
/** Longer ones are told apart by their hash. */
export const LONGEST_DEDUPE_KEY = 200;

/** What a trigger's expressions come to; compiled once for each of its revisions. */
export class TriggerExpressions {
  private readonly compiled = new Map<string, Ready>();
  private readonly texts = new Map<string, Compiled>();

  /** Whether what came may start a run. @throws what an expression throws */
  passes(trigger: Trigger, event: JsonObject): boolean {
    const scope = scopeOf(trigger, event);
    return this.of(trigger).filters.every((filter) => filter.evaluate(scope) === true);
  }

  /** Of those with the same one, one starts a run; undefined where the trigger has no `dedupeKey`. @throws what an expression throws */
  dedupeKey(trigger: Trigger, event: JsonObject): string | undefined {
    const { dedupeKey } = this.of(trigger);
    if (dedupeKey === null) return undefined;
    const value = dedupeKey.evaluate(scopeOf(trigger, event));
    return typeof value === 'string' ? value : JSON.stringify(value);
  }

  /** The start's data; undefined where the trigger says nothing of it. @throws what an expression throws */
  input(trigger: Trigger, event: JsonObject): JsonObject | undefined {
    const { input } = this.of(trigger);
    return input === null ? undefined : (input.evaluate(scopeOf(trigger, event)) as JsonObject);
  }

  /** A text of the trigger's config that has expressions in it. @throws what an expression throws */
  text(trigger: Trigger, text: string, event: JsonObject): string {
    const compiled = this.texts.get(text) ?? compileTemplate(text);
    keepNewest(this.texts.set(text, compiled));
    const value = compiled.evaluate(scopeOf(trigger, event));
    return typeof value === 'string' ? value : JSON.stringify(value);
  }

  private of(trigger: Trigger): Ready {
    const name = `${trigger.id} ${trigger.revision}`;
    const known = this.compiled.get(name);
    if (known) return known;
    const { filter, dedupeKey, input } = trigger;
    const ready: Ready = {
      filters: [filter, conditionOf(trigger)].flatMap((one) => (one === null ? [] : [compileExpression(one)])),
      dedupeKey: dedupeKey === null ? null : compileTemplate(dedupeKey),
      input: input === null ? null : compileValue(input),
    };
    keepNewest(this.compiled.set(name, ready));
    return ready;
  }
}

function keepNewest(cached: Map<string, unknown>): void {
  for (const oldest of cached.keys()) {
    if (cached.size <= MOST_CACHED) break;
    cached.delete(oldest);
  }
}

type Ready = Readonly<Record<'dedupeKey' | 'input', Compiled | null>> & { readonly filters: readonly Compiled[] };

/** A first step that listens to another DAG has a filter of its own. */
function conditionOf({ kind, config }: Trigger): string | null {
  return kind === 'dag' && typeof config.condition === 'string' ? config.condition : null;
}

/** Expressions that do not compile or read names that a trigger does not have, each at its place. */
export function expressionFaultsOf({
  filter,
  dedupeKey,
  input,
}: Pick<TriggerContent, 'filter' | 'dedupeKey' | 'input'>): Fault[] {
  return [
    ...(filter === null ? [] : filterFaults('/filter', filter)),
    ...(dedupeKey === null ? [] : faultsOf('/dedupeKey', () => compileTemplate(dedupeKey))),
    ...(input === null ? [] : faultsOf('/input', () => compileValue(input))),
  ];
}

/** As `expressionFaultsOf`, of one filter. */
export function filterFaults(pointer: string, filter: string): Fault[] {
  return faultsOf(pointer, () => compileExpression(filter));
}

/** As `expressionFaultsOf`, of one text somewhere in a config. */
export function templateFaults(pointer: string, text: string): Fault[] {
  return faultsOf(pointer, () => compileTemplate(text));
}

function faultsOf(pointer: string, compile: () => Compiled): Fault[] {
  return compiledFaults(pointer, compile, NAMES);
}

/** What does not compile, or reads other names than these. */
export function compiledFaults(pointer: string, compile: () => Compiled, names: readonly string[]): Fault[] {
  let compiled: Compiled;
  try {
    compiled = compile();
  } catch (error) {
    if (!(error instanceof ExpressionInvalid)) throw error;
    return error.faults.length > 0
      ? error.faults.map((fault) => ({ ...fault, pointer: `${pointer}${fault.pointer}` }))
      : [{ pointer, code: error.code, message: error.message }];
  }
  return compiled.references
    .filter(({ name }) => !names.includes(name))
    .map(({ name }) => ({
      pointer,
      code: 'expression.unknown_name',
      message: `"${name}" is unknown here: ${names.map((one) => READ[one] ?? one).join(', ')} can be read.`,
    }));
}

/** What expressions of a trigger read: `event`, `trigger`, and what is given beside them. */
export function scopeOf(
  trigger: Trigger,
  event: JsonObject,
  more: JsonObject = {},
): { get(name: string): Json | undefined } {
  const { id, name, kind, dagId } = trigger;
  const values = new Map<string, Json>(Object.entries({ ...more, event, trigger: { id, name, kind, dagId } }));
  return { get: (asked) => values.get(asked) };
}
