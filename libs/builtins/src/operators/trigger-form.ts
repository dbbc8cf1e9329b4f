import type { JsonObject } from '@flow/kernel';
import { closed, defineTrigger } from '../define';
import {
  CONTENT_TYPE,
  FIELD_FORMATS,
  FIELD_TYPES,
  fieldFaults,
  fieldsSchema,
  fileFieldsOf,
  readFields,
  type InputField,
} from '../input-field';

/** Keys of the output beside the fields. */
const RESERVED = ['_type', 'fields', 'accessor'];

function fieldsOf({ fields = [] }: JsonObject): readonly InputField[] {
  return fields as unknown as readonly InputField[];
}

export const operator = defineTrigger({
  id: '@trigger/form',
  title: 'Form',
  help: 'Starts with data that fits its fields; every field is a key of the output.',
  trigger: 'form',
  parameters: closed({
    fields: {
      type: 'array',
      maxItems: 200,
      items: closed(
        {
          key: { type: 'string', minLength: 1, maxLength: 255 },
          name: { type: 'string', maxLength: 255, description: 'What people see' },
          type: { enum: [...FIELD_TYPES] },
          required: { type: 'boolean', default: false },
          default: { description: 'What it is when nothing is given' },
          description: { type: 'string', maxLength: 2000 },
          enum: { type: 'array', minItems: 1, maxItems: 500, description: 'The only values that it takes' },
          format: { enum: [...FIELD_FORMATS], description: 'Of a text' },
          pattern: { type: 'string', minLength: 1, maxLength: 1000, description: 'Of a text: RE2, ^ and $ anchor it' },
          min: { type: 'number', description: 'Least value, characters or items' },
          max: { type: 'number', description: 'Most' },
          maxBytes: { type: 'integer', minimum: 1, description: 'Of a file: most bytes of each' },
          contentTypes: {
            type: 'array',
            minItems: 1,
            maxItems: 50,
            items: { type: 'string', pattern: CONTENT_TYPE },
            description: 'Of a file: media types that it may have; image/* takes all of a kind',
          },
        },
        ['key', 'type'],
      ),
    },
  }),
  output: {
    type: 'object',
    properties: {
      _type: { const: 'form' },
      fields: { type: 'object', description: 'All fields again, as one object' },
      accessor: { type: 'string', description: 'JSON text of who started it: id, name, type' },
    },
    required: RESERVED,
    additionalProperties: true,
  },
  example: {
    parameters: {
      fields: [
        { key: 'city', type: 'string', required: true },
        { key: 'days', type: 'number', default: 3 },
      ],
    },
    output: {
      city: 'Oslo',
      days: 3,
      _type: 'form',
      fields: { city: 'Oslo', days: 3 },
      accessor: '{"id":"u-1","name":"Ada","type":"user"}',
    },
  },
  check: (parameters) => fieldFaults(fieldsOf(parameters), '/fields', RESERVED),
  inputSchema: (parameters) => fieldsSchema(fieldsOf(parameters)),
  fileFields: (parameters) => fileFieldsOf(fieldsOf(parameters)),
  accept(parameters, input, starter) {
    const read = readFields(fieldsOf(parameters), input);
    if ('faults' in read) return read;
    const accessor = JSON.stringify(starter ? { id: starter.id, name: starter.name, type: starter.type } : {});
    return { output: { ...read.values, _type: 'form', fields: read.values, accessor } };
  },
});
