import { canonicalJson, type Json } from '@flow/kernel';
import { done } from '@flow/operators';
import { closed, definePure } from '../define';

interface Parameters {
  readonly data: Json;
  readonly indent?: number;
  readonly sortKeys?: boolean;
}

export const operator = definePure<Parameters>({
  id: '@internal/json/stringify',
  title: 'Write JSON',
  help: 'Writes data as JSON text.',
  parameters: closed(
    {
      data: {},
      indent: {
        type: 'integer',
        minimum: 0,
        maximum: 10,
        default: 0,
        description: 'Spaces a level; 0 writes one line',
      },
      sortKeys: {
        type: 'boolean',
        default: false,
        description: 'The same text for the same data, whatever the order of its keys',
      },
    },
    ['data'],
  ),
  output: closed({ json: { type: 'string' } }, ['json']),
  example: { parameters: { data: { b: 1, a: [true] }, sortKeys: true }, output: { json: '{"a":[true],"b":1}' } },
  run: ({ data, indent = 0, sortKeys = false }) =>
    done({ json: JSON.stringify(sortKeys ? (JSON.parse(canonicalJson(data)) as Json) : data, undefined, indent) }),
});
