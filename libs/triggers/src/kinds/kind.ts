import type { DomainId, Fault, JsonObject } from '@flow/kernel';
import type { JsonSchema } from '@flow/operators';
import type { EventTopics } from '../event-topics';
import type { Trigger, TriggerConcurrency } from '../trigger';

/** What a config is checked against. */
export interface ConfigSurroundings {
  readonly createdAt: Date;
  readonly now: Date;
  /** That triggers may name; none when absent. */
  readonly topics?: EventTopics;
}

/** How many events start one run, or how long the first of them waits for others. */
export interface BatchRule {
  readonly size: number;
  readonly waitMs: number;
}

/** What the service knows of a kind of trigger. */
export interface KindRules {
  /** JSON Schema of `config`, as it is sent. */
  readonly config: JsonSchema;
  /** What the schema cannot say, pointers into `config`. */
  readonly faults?: (config: JsonObject, about: ConfigSurroundings) => readonly Fault[];
  /** By what it is found when something comes; `standing` is what it had, if it stood. */
  readonly lookup?: (
    config: JsonObject,
    made: { readonly standing: string | undefined; readonly fresh: () => string; readonly domain: DomainId },
  ) => string;
  /** Of a schedule: when it fires next. */
  readonly nextFireAt?: (trigger: Pick<Trigger, 'config' | 'createdAt'>, after: Date) => Date | null;
  /** What of the config holds expressions. */
  readonly expressions?: readonly string[];
  /** A text with expressions: what comes with the same value starts one behind the other. */
  readonly orderBy?: (config: JsonObject) => string | undefined;
  readonly batch?: (config: JsonObject) => BatchRule | undefined;
  /** What `config` says of runs at the same time, in words of its own. */
  readonly concurrency?: (config: JsonObject) => TriggerConcurrency | undefined;
}

export function closed(properties: JsonObject, required: readonly string[] = []): JsonSchema {
  return { type: 'object', properties, required, additionalProperties: false };
}
