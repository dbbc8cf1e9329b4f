import type { Fault, JsonObject } from '@flow/kernel';
import type { JsonSchema } from '@flow/operators';
import type { Trigger, TriggerConcurrency } from '../trigger';

/** What the service knows of a kind of trigger. */
export interface KindRules {
  /** JSON Schema of `config`, as it is sent. */
  readonly config: JsonSchema;
  /** What the schema cannot say, pointers into `config`. */
  readonly faults?: (config: JsonObject, about: { readonly createdAt: Date; readonly now: Date }) => readonly Fault[];
  /** By what it is found when something comes; `standing` is what it had, if it stood. */
  readonly lookup?: (
    config: JsonObject,
    made: { readonly standing: string | undefined; readonly fresh: () => string },
  ) => string;
  /** Of a schedule: when it fires next. */
  readonly nextFireAt?: (trigger: Pick<Trigger, 'config' | 'createdAt'>, after: Date) => Date | null;
  /** What `config` says of runs at the same time, in words of its own. */
  readonly concurrency?: (config: JsonObject) => TriggerConcurrency | undefined;
}

export function closed(properties: JsonObject, required: readonly string[] = []): JsonSchema {
  return { type: 'object', properties, required, additionalProperties: false };
}
