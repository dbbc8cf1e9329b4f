import type { Clock, Fault, Json, JsonObject, LargeForm, Random } from '@flow/kernel';
import type { Outcome } from './outcome';

/** JSON Schema, draft 2020-12. `"x-secret": true` marks a text that may hold `{{secrets.name}}`. */
export type JsonSchema = JsonObject;

/**
 * What a call does to the world. `pure`: the output is a function of the parameters alone (no clock, no chance).
 * `read`: looks outside and changes nothing. `write`: may change something.
 */
export type Effect = 'pure' | 'read' | 'write';

export type Capability = 'network' | 'connection' | 'secret';

/** What every operator tells about itself; the catalogue serves it as it stands. */
export interface OperatorSpec {
  /** `@area/name`. */
  readonly id: string;
  readonly title: string;
  /** One line: what it does. */
  readonly help: string;
  readonly parameters: JsonSchema;
  readonly output: JsonSchema;
  readonly example: { readonly parameters: JsonObject; readonly output: Json };
  /**
   * Faults that a schema cannot tell (a text that must compile, keys that must differ), pointers relative to the parameters. Asked when
   * a DAG is saved and the schema found nothing: texts stand as they were written and may hold templates.
   */
  check?(parameters: JsonObject): readonly Fault[];
}

/** An operator that a worker calls. */
export interface ActionOperator extends OperatorSpec {
  readonly kind: 'action';
  readonly effect: Effect;
  /** What a call with these parameters does when that is less than `effect`; texts stand as they were written and may hold templates. */
  effectOf?(parameters: JsonObject): Effect;
  /** Two calls with the same parameters have the effect of one. */
  readonly idempotent: boolean;
  /** Bound of one attempt when the step names none. */
  readonly timeoutMs: number;
  readonly capabilities: readonly Capability[];
  /** Parameters that reach the operator as they were written, their `{{ }}` unread. */
  readonly verbatim?: readonly string[];
  /** Parameters in which large values may stand as they are; in all others they are read before the call. */
  readonly takesLarge?: readonly string[];
  /** Parameters are rendered and fit the schema; secrets in marked places are in the clear and must not leave except to their hosts. */
  run(context: OperatorContext): Outcome | Promise<Outcome>;
}

/** Who starts a DAG: `type` is `user`, `app`..., as its token says. */
export interface Starter {
  readonly id: string;
  readonly name: string;
  readonly type: string;
}

/** What starts a DAG: always its first step. */
export interface TriggerOperator extends OperatorSpec {
  readonly kind: 'trigger';
  /** The coarse name that lists filter by. */
  readonly trigger: 'manual' | 'form' | 'cron' | 'event' | 'webhook' | 'dag' | 'operator';
  /** Parameters whose expressions are its own, read when something comes; others take none. `check` looks at them. */
  readonly verbatim?: readonly string[];
  /** JSON Schema of the input that a start must bring, drawn from the step's parameters. */
  inputSchema(parameters: JsonObject): JsonSchema;
  /** Keys of the input at which a file may stand, or a list of them: a start gives handles, `accept` gets each as a `FileValue`. */
  fileFields?(parameters: JsonObject): readonly string[];
  /** Checks what a start brings (pointers relative to the input), fills in defaults, and gives the first step's output. */
  accept(
    parameters: JsonObject,
    input: JsonObject,
    starter?: Starter,
  ): { readonly output: JsonObject } | { readonly faults: readonly Fault[] };
}

/** A construct that the engine itself carries out. */
export interface ControlOperator extends OperatorSpec {
  readonly kind: 'control';
  readonly verbatim?: readonly string[];
}

export type Operator = ActionOperator | TriggerOperator | ControlOperator;

/** Values that are too large to be held as data. A kept one stands in the output as any value would. */
export interface LargeStore {
  /** What is longer as JSON is kept here rather than held. */
  readonly inlineBytes: number;
  /** Largest value that can be kept. */
  readonly limitBytes: number;
  /**
   * Keeps the value that the bytes are: JSON (checked, and a fault told), UTF-8 text, or bytes that read as Base64. `at`: where in the
   * output it will stand. `open` may be called more than once. Throws LargeValueTooLarge.
   */
  keep(
    open: () => AsyncIterable<Uint8Array>,
    about: { readonly form: LargeForm; readonly at: readonly (string | number)[] },
  ): Promise<{ readonly value: Json } | { readonly fault: string }>;
  /** JSON text of data, with the large values in it written out. */
  json(value: Json): AsyncIterable<Uint8Array>;
  /** The bytes of the text that the value is; undefined when it is no large text. */
  text(value: Json): AsyncIterable<Uint8Array> | undefined;
}

export interface OperatorContext {
  readonly parameters: JsonObject;
  /** Fires when the attempt's time is over or the instance is cancelled; the operator then stops as soon as it can. */
  readonly signal: AbortSignal;
  /** The same for every attempt of this task, before and after a crash: what other systems may deduplicate by. */
  readonly idempotencyKey: string;
  /** W3C `traceparent` for what this task calls: the same for every attempt; undefined when its run has no trace. */
  readonly traceparent: string | undefined;
  readonly instance: {
    readonly id: string;
    readonly dagId: string;
    readonly domain: string;
    readonly startedAt: string;
  };
  readonly task: { readonly path: string; readonly attempt: number; readonly startedAt: string };
  readonly clock: Clock;
  readonly random: Random;
  readonly log: OperatorLog;
  /** The secrets that stand in the parameters, with the hosts that each may be sent to (none = nowhere). */
  readonly secretsInUse: readonly { readonly name: string; readonly hosts: readonly string[] }[];
  /** Where values that are too large to be held go, and where they are read. */
  readonly large: LargeStore;
  /** Names a text that was got by secrets (a token) and is as secret: outputs, errors and lines of this call from now on do not show it. */
  conceal(text: string): void;
}

/** Lines that go to the task's log; secrets are masked behind it. */
export interface OperatorLog {
  debug(message: string, fields?: JsonObject): void;
  info(message: string, fields?: JsonObject): void;
  warn(message: string, fields?: JsonObject): void;
  error(message: string, fields?: JsonObject): void;
}
