import { theBuiltins } from '@flow/testing/builtins';
import type { Json, JsonObject } from '@flow/kernel';
import { OperatorCatalogue, done, type Operator } from '@flow/operators';

const anything = { output: {}, example: { parameters: {}, output: null } };

function trigger(id: string, kind: 'manual' | 'form' | 'cron', parameters: JsonObject): Operator {
  return {
    ...anything,
    ...{ id, title: id, help: `Starts by ${kind}.`, kind: 'trigger', trigger: kind, parameters },
    inputSchema: (given: JsonObject) => ({
      type: 'object',
      properties: Object.fromEntries(
        ((given.fields ?? []) as readonly { key: string; type: string }[]).map(({ key, type }) => [key, { type }]),
      ),
    }),
    accept: (_given: JsonObject, input: JsonObject) => ({ output: input }),
  };
}

function action(id: string, parameters: JsonObject): Operator {
  return {
    ...anything,
    ...{ id, title: id, help: 'Does something.', kind: 'action', parameters },
    ...{ effect: 'pure', idempotent: true, timeoutMs: 1000, capabilities: [] },
    run: ({ parameters: given }: { parameters: Json }) => done(given),
  };
}

const closed = (properties: JsonObject, required: readonly string[] = []) => ({
  ...{ type: 'object', properties, required, additionalProperties: false },
});

/** A few triggers and actions, shaped as those that ship, and the constructs themselves. */
export function aCatalogue(...more: readonly Operator[]): OperatorCatalogue {
  const field = closed({ key: { type: 'string' }, type: { type: 'string' }, required: { type: 'boolean' } }, ['key']);
  return new OperatorCatalogue([
    trigger('@trigger/manual', 'manual', closed({})),
    trigger('@trigger/form', 'form', closed({ fields: { type: 'array', items: field } })),
    trigger('@trigger/cron/week', 'cron', closed({ cron: { type: 'string' } })),
    action(
      '@internal/define',
      closed({ type: { enum: ['string', 'number', 'object', 'array'] }, value: true }, ['type']),
    ),
    action(
      '@http/request',
      closed(
        {
          method: { enum: ['GET', 'POST'] },
          url: { type: 'string' },
          retries: { type: 'integer' },
          headers: { type: 'object', additionalProperties: { type: 'string', 'x-secret': true } },
        },
        ['url'],
      ),
    ),
    ...theBuiltins().filter(({ kind }) => kind === 'control'),
    ...more,
  ]);
}
