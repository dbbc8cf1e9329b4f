import { isJsonObject, type Fault, type Json } from '@flow/kernel';
import { givenSchemaProblem } from '@flow/operators';
import { closed, defineControl } from '../define';
import { durationFaults } from '../duration-faults';

const LARGEST_SCHEMA = 65_536;
const reaction = (what: string) => ({
  enum: ['fail', 'continue'],
  default: 'fail',
  description: `What ${what} does to the step`,
});
const principal = { type: 'string', minLength: 1, maxLength: 255 };

export const operator = defineControl({
  id: '@control/approval',
  title: 'Approval',
  help: 'Waits until enough people have approved, or one has rejected.',
  parameters: closed(
    {
      title: { type: 'string', maxLength: 255, description: 'What is to be decided' },
      assignees: {
        type: 'array',
        items: principal,
        minItems: 1,
        maxItems: 100,
        uniqueItems: true,
        description: 'Principals who may decide',
      },
      quorum: { type: 'integer', minimum: 1, maximum: 100, default: 1, description: 'How many must approve' },
      schema: { type: 'object', description: 'JSON Schema (draft 2020-12) of the data that comes with a decision' },
      expiresIn: { type: 'string', default: 'P7D', description: 'ISO 8601; bounds the wait' },
      onReject: reaction('a rejection'),
      onExpiry: reaction('the end of the time'),
    },
    ['assignees'],
  ),
  verbatim: ['schema'],
  output: closed(
    {
      decision: { enum: ['approved', 'rejected', 'expired'] },
      decisions: {
        type: 'array',
        items: closed(
          { by: principal, decision: { enum: ['approved', 'rejected'] }, at: { type: 'string' }, data: {} },
          ['by', 'decision', 'at', 'data'],
        ),
      },
    },
    ['decision', 'decisions'],
  ),
  example: {
    parameters: {
      title: 'Pay the invoice?',
      assignees: ['ann', 'bob'],
      quorum: 2,
      schema: { type: 'object', properties: { note: { type: 'string' } } },
      expiresIn: 'P2D',
      onReject: 'continue',
    },
    output: {
      decision: 'rejected',
      decisions: [{ by: 'ann', decision: 'rejected', at: '2026-01-01T12:00:00.000Z', data: { note: 'Paid twice' } }],
    },
  },
  check: ({ assignees, quorum, schema, expiresIn }) => [
    ...quorumFaults(assignees, quorum),
    ...schemaOfDataFaults(schema),
    ...durationFaults('expiresIn', expiresIn),
  ],
});

function quorumFaults(assignees: Json | undefined, quorum: Json | undefined): Fault[] {
  if (!Array.isArray(assignees) || typeof quorum !== 'number' || quorum <= assignees.length) return [];
  const message = `"quorum" is ${quorum}, and there ${assignees.length === 1 ? 'is 1 assignee' : `are ${assignees.length} assignees`}: it could never be reached.`;
  return [fault('/quorum', message)];
}

/** Whether answers can be held against it: a schema that stands alone and compiles. */
function schemaOfDataFaults(schema: Json | undefined): Fault[] {
  if (!isJsonObject(schema)) return [];
  if (JSON.stringify(schema).length > LARGEST_SCHEMA)
    return [fault('/schema', `"schema" has more than ${LARGEST_SCHEMA} characters.`)];
  const why = givenSchemaProblem(schema);
  if (why === undefined) return [];
  return [fault('/schema', `"schema" is no JSON Schema of draft 2020-12 that stands alone: ${why}.`)];
}

function fault(pointer: string, message: string): Fault {
  return { pointer, code: 'step.parameters_invalid', message };
}
