import { FORBIDDEN_KEYS, isJsonObject, type Fault, type Json, type JsonObject } from '@flow/kernel';
import { closed, defineControl } from '../define';

type Mode = 'limit' | 'array' | 'while';
const MODES = ['limit', 'array', 'while'] as const satisfies readonly Mode[];
const MOST_ITERATIONS = 10_000;
const USUAL_ITERATIONS = 1_000;

export const operator = defineControl({
  id: '@control/flow/loop',
  title: 'Loop',
  help: 'Repeats its steps a number of times, once for each element of a list, or while a condition holds.',
  parameters: closed({
    mode: { enum: [...MODES], default: 'limit', description: 'Which of limit, array and while says how often' },
    limit: { type: 'integer', minimum: 0, maximum: MOST_ITERATIONS, description: 'How many iterations' },
    array: { type: 'array', description: 'One iteration for each element; within: {{__loop.value}}' },
    while: {
      type: 'string',
      minLength: 1,
      maxLength: 16_384,
      description: 'An expression without braces, read before each iteration; it may read the steps of the one before',
    },
    concurrency: { type: 'integer', minimum: 1, maximum: 100, default: 1, description: 'Iterations side by side' },
    maxIterations: { type: 'integer', minimum: 1, maximum: MOST_ITERATIONS, default: USUAL_ITERATIONS },
    outputs: {
      type: 'array',
      maxItems: 200,
      items: closed({ key: { type: 'string', minLength: 1, maxLength: 128 }, value: {} }, ['key', 'value']),
      description: 'What each iteration leaves behind; after the loop {{__loop.outputs.<key>}} is a list by index',
    },
    failures: {
      anyOf: [
        { enum: ['stop', 'continue'] },
        closed({ maxPercent: { type: 'number', minimum: 0, maximum: 100 } }, ['maxPercent']),
      ],
      default: 'stop',
      description: 'What a failed iteration does to the loop; maxPercent fails it when more than so many failed',
    },
  }),
  // `while` and `outputs` are read later, in the loop itself; mode and tolerance decide what may be written at all.
  verbatim: ['mode', 'while', 'outputs', 'failures'],
  output: closed(
    {
      outputs: { type: 'object', additionalProperties: { type: 'array' }, description: 'Lists by key and index' },
      iterations: { type: 'integer', description: 'How many began' },
      failed: { type: 'integer' },
    },
    ['outputs', 'iterations', 'failed'],
  ),
  example: {
    parameters: {
      mode: 'array',
      array: ['a', 'b'],
      concurrency: 2,
      outputs: [{ key: 'status', value: '{{__fetch.status}}' }],
      failures: { maxPercent: 50 },
    },
    output: { outputs: { status: [200, null] }, iterations: 2, failed: 1 },
  },
  check: (parameters) => [...faultsOfMode(parameters), ...faultsOfOutputs(parameters.outputs)],
});

function faultsOfMode(parameters: JsonObject): Fault[] {
  const { mode = 'limit', maxIterations = USUAL_ITERATIONS, limit, array, concurrency = 1 } = parameters;
  const faults: Fault[] = [];
  for (const other of MODES)
    if (other === mode && parameters[other] === undefined)
      faults.push(fault(`/${other}`, `A loop of mode "${mode}" needs "${other}".`));
    else if (other !== mode && parameters[other] !== undefined)
      faults.push(fault(`/${other}`, `"${other}" has no effect on a loop of mode "${mode as Mode}"; take one away.`));
  const bound = `"maxIterations" allows ${JSON.stringify(maxIterations)}; raise it (up to ${MOST_ITERATIONS}).`;
  if (typeof maxIterations === 'number') {
    if (typeof limit === 'number' && limit > maxIterations)
      faults.push(fault('/limit', `"limit" is ${limit}, ${bound}`));
    if (Array.isArray(array) && array.length > maxIterations)
      faults.push(fault('/array', `"array" has ${array.length} elements, ${bound}`));
  }
  if (mode === 'while' && concurrency !== 1)
    faults.push(fault('/concurrency', 'A loop of mode "while" runs one iteration at a time: "concurrency" must be 1.'));
  return faults;
}

function faultsOfOutputs(outputs: Json | undefined): Fault[] {
  const seen = new Set<Json | undefined>();
  return ((outputs ?? []) as readonly Json[]).flatMap((output, i) => {
    const key = isJsonObject(output) ? output.key : undefined;
    const repeated = seen.has(key);
    seen.add(key);
    if (typeof key === 'string' && FORBIDDEN_KEYS.has(key))
      return [{ pointer: `/outputs/${i}/key`, code: 'key.forbidden', message: `The key "${key}" cannot be used.` }];
    return repeated ? [fault(`/outputs/${i}/key`, `Another output has the key ${JSON.stringify(key)}.`)] : [];
  });
}

function fault(pointer: string, message: string): Fault {
  return { pointer, code: 'step.parameters_invalid', message };
}
