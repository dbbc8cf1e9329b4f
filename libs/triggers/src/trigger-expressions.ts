import { compileExpression, compileTemplate, compileValue, ExpressionInvalid, type Compiled } from '@flow/expressions';
import type { Fault, Json, JsonObject } from '@flow/kernel';
import type { Trigger, TriggerContent } from './trigger';

const NAMES = ['event', 'trigger'];
const MOST_CACHED = 5_000;
/** Longer ones are told apart by their hash. */
export const LONGEST_DEDUPE_KEY = 200;

/** What a trigger's expressions come to; compiled once for each of its revisions. */
export class TriggerExpressions {
  private readonly compiled = new Map<string, Ready>();
  private readonly texts = new Map<string, Compiled>();

  /** Whether what came may start a run. @throws what an expression throws */
  passes(trigger: Trigger, event: JsonObject): boolean {
    const { filter } = this.of(trigger);
    return filter === null || filter.evaluate(scopeOf(trigger, event)) === true;
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
      filter: filter === null ? null : compileExpression(filter),
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

type Ready = Readonly<Record<'filter' | 'dedupeKey' | 'input', Compiled | null>>;

/** Expressions that do not compile or read names that a trigger does not have, each at its place. */
export function expressionFaultsOf({
  filter,
  dedupeKey,
  input,
}: Pick<TriggerContent, 'filter' | 'dedupeKey' | 'input'>): Fault[] {
  return [
    ...(filter === null ? [] : faultsOf('/filter', () => compileExpression(filter))),
    ...(dedupeKey === null ? [] : faultsOf('/dedupeKey', () => compileTemplate(dedupeKey))),
    ...(input === null ? [] : faultsOf('/input', () => compileValue(input))),
  ];
}

/** As `expressionFaultsOf`, of one text somewhere in a config. */
export function templateFaults(pointer: string, text: string): Fault[] {
  return faultsOf(pointer, () => compileTemplate(text));
}

function faultsOf(pointer: string, compile: () => Compiled): Fault[] {
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
    .filter(({ name }) => !NAMES.includes(name))
    .map(({ name }) => ({
      pointer,
      code: 'expression.unknown_name',
      message: `"${name}" is unknown here: a trigger reads "event" (a CloudEvent: event.data, event.type...) and "trigger" (id, name, kind, dagId).`,
    }));
}

function scopeOf(trigger: Trigger, event: JsonObject): { get(name: string): Json | undefined } {
  const { id, name, kind, dagId } = trigger;
  return {
    get: (asked) => (asked === 'event' ? event : asked === 'trigger' ? { id, name, kind, dagId } : undefined),
  };
}
