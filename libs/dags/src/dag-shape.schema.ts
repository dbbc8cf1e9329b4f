import { END_STATUSES, FOREVER, PRIORITIES } from '@flow/kernel';
import { DAG_STATUSES, VAR_TYPES } from './dag';
import { ON_FULL } from './start-limits';

/**
 * What a definition looks like, before anyone asks what it means: one JSON Schema (draft 2020-12) for the check of a save and for
 * editors. `description` is shown to people in both.
 */

const id = {
  type: 'string',
  minLength: 1,
  maxLength: 255,
  pattern: '^[^\\u0000-\\u001f\\u007f]*$',
  description: '1 to 255 characters, none of them a control character',
};
const text = (maxLength: number, description?: string) => ({
  type: 'string',
  maxLength,
  ...(description !== undefined && { description }),
});
const seconds = (minimum: number, maximum: number, description: string) => ({
  type: 'number',
  minimum,
  maximum,
  description,
});
const closed = <P extends object>(properties: P, required: readonly string[] = []) => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});
const steps = { type: 'array', items: { $ref: '#/$defs/step' } };
const DURATION = '^P(?=.)(\\d{1,6}D)?(T(?=.)(\\d{1,8}H)?(\\d{1,9}M)?(\\d{1,10}(\\.\\d{1,3})?S)?)?$';

/** One text for all ends, or one for each; a pattern speaks of texts only, properties of objects only. */
const keeping = {
  pattern: `^${FOREVER}$|${DURATION}`,
  description: `an ISO 8601 duration such as P30D, or ${FOREVER}`,
};
const retention = {
  ...keeping,
  ...closed(Object.fromEntries(END_STATUSES.map((status) => [status, { type: 'string', ...keeping }]))),
  type: ['string', 'object'],
  minProperties: 1,
};

const key = {
  ...text(1_024, 'What shares a limit: a text with expressions of vars and the trigger, read once at the start'),
  minLength: 1,
};
const concurrency = closed(
  {
    max: { type: 'integer', minimum: 1, maximum: 100_000, description: 'Instances that run at once' },
    key,
    onFull: { enum: ON_FULL, description: 'What happens to a start when all places are taken; queue when absent' },
  },
  ['max'],
);
/** A minimum speaks of numbers only, a pattern of texts only. */
const rateLimit = closed(
  {
    max: { type: 'integer', minimum: 1, maximum: 1_000_000, description: 'Starts in that time' },
    per: {
      type: ['string', 'integer'],
      pattern: DURATION,
      minimum: 1,
      description: 'an ISO 8601 duration such as PT1M, or milliseconds',
    },
    key,
    burst: {
      type: 'integer',
      minimum: 1,
      maximum: 1_000_000,
      description: 'Starts at once; as many as `max` when absent',
    },
  },
  ['max', 'per'],
);

const settings = closed({
  retry: closed(
    {
      max: { type: 'integer', minimum: 1, maximum: 10, description: 'Retries after the first attempt, 1 to 10' },
      delay: seconds(0.1, 60, 'Pause before a retry in seconds, 0.1 to 60'),
      backoff: { enum: ['fixed', 'exponential'] },
      maxDelay: seconds(0.1, 86_400, 'Longest pause in seconds, 0.1 to 86400'),
      jitter: { type: 'boolean' },
      on: {
        type: 'array',
        items: { ...text(128), minLength: 1 },
        minItems: 1,
        maxItems: 50,
        uniqueItems: true,
        description: 'Error codes that are retried',
      },
    },
    ['max'],
  ),
  timeout: closed({
    delay: seconds(0.1, 86_400, 'Bound of one attempt in seconds, 0.1 to 86400'),
    total: seconds(0.1, 864_000, 'Bound of all attempts with their pauses in seconds, 0.1 to 864000'),
  }),
});

const condition = closed(
  {
    id,
    operator: { ...text(255, 'A comparison, for example @internal/cmp/number-gt'), pattern: '^@' },
    parameters: closed({ a: true, b: true }),
  },
  ['operator', 'parameters'],
);

const branch = closed(
  {
    id,
    title: text(255),
    conditions: {
      type: 'array',
      maxItems: 100,
      items: { type: 'array', maxItems: 100, items: condition },
      description: 'Outer list: or; inner lists: and. None always holds',
    },
    expression: { ...text(16_384, 'An expression, instead of conditions'), minLength: 1 },
    default: { type: 'boolean', description: 'Runs when no other branch did' },
    steps,
  },
  ['id', 'steps'],
);

const step = closed(
  {
    id,
    title: text(255),
    operator: { ...text(255, 'An id from GET /operators/catalog; starts with @'), pattern: '^@' },
    parameters: { type: 'object' },
    settings,
    dependsOn: {
      type: 'array',
      items: id,
      uniqueItems: true,
      description: 'Ids of siblings; absent means the step just before',
    },
    when: { ...text(16_384, 'An expression; false skips the step'), minLength: 1 },
    onError: {
      anyOf: [{ enum: ['fail', 'continue'] }, closed({ steps }, ['steps'])],
      description: 'What follows when the step fails: "continue", or steps in its place, which read {{error}}',
    },
    undo: {
      $ref: '#/$defs/step',
      description: 'Undoes the step when the run fails later; reads {{completed.parameters}} and {{completed.output}}',
    },
    branches: { type: 'array', items: { $ref: '#/$defs/branch' } },
    steps,
    catch: steps,
    finally: steps,
  },
  ['id', 'operator'],
);

const variable = closed({ type: { enum: VAR_TYPES }, default: true, description: text(300) }, ['type']);

export const DAG_SHAPE = {
  ...closed(
    {
      title: {
        ...text(128, 'Up to 128 characters, not all of them spaces, none of / : * ? " < > | and no control characters'),
        pattern: '^(?=.*\\S)[^/:*?"<>|\\u0000-\\u001f\\u007f]+$',
      },
      description: text(300),
      status: { enum: DAG_STATUSES },
      type: { ...text(64, 'A word of yours for the kind of flow'), pattern: '^[^\\u0000-\\u001f\\u007f]*$' },
      tags: {
        type: 'array',
        maxItems: 50,
        uniqueItems: true,
        items: {
          ...text(64, '1 to 64 characters, none of them a control character'),
          minLength: 1,
          pattern: '^[^\\u0000-\\u001f\\u007f]*$',
        },
      },
      labels: {
        type: 'object',
        maxProperties: 64,
        propertyNames: { minLength: 1, maxLength: 63 },
        additionalProperties: text(255),
      },
      priority: { enum: PRIORITIES },
      vars: {
        type: 'object',
        maxProperties: 200,
        propertyNames: {
          maxLength: 64,
          pattern: '^(?!__)[A-Za-z_][A-Za-z0-9_]*$',
          description: 'letters, digits and _, up to 64, not starting with a digit or with __',
        },
        additionalProperties: { $ref: '#/$defs/variable' },
      },
      steps: { ...steps, minItems: 1 },
      outputs: { type: 'object', maxProperties: 200, propertyNames: { minLength: 1, maxLength: 128 } },
      timeout: { type: 'string', pattern: DURATION, description: 'an ISO 8601 duration such as PT30S or P1DT12H' },
      startBy: {
        type: 'string',
        pattern: DURATION,
        description: 'an ISO 8601 duration: what has not begun so long after it was accepted fails',
      },
      concurrency,
      rateLimit,
      retention,
      onFailure: true,
      version: {
        type: 'string',
        pattern: '^v(0|[1-9]\\d{0,8})\\.(0|[1-9]\\d{0,8})\\.(0|[1-9]\\d{0,8})$',
        description: 'vMAJOR.MINOR.PATCH without leading zeros',
      },
      changeLog: text(300),
    },
    ['title', 'steps'],
  ),
  $defs: { step, branch, variable },
} as const;
