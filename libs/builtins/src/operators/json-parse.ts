import type { Json } from '@flow/kernel';
import { done, failed } from '@flow/operators';
import { closed, definePure } from '../define';
import { jsonOf } from '../json-text';

const FENCE = /^\s*```(?:json|JSON)?[ \t]*\r?\n([\s\S]*?)\r?\n?[ \t]*```\s*$/;

export const operator = definePure<{ readonly json: Json }>({
  id: '@internal/json/parse',
  title: 'Read JSON',
  help: 'Reads JSON text, also from within a Markdown code fence; data that is none is given back as it is.',
  parameters: closed({ json: {} }, ['json']),
  output: closed({ data: {} }, ['data']),
  example: { parameters: { json: '```json\n{"total": 3}\n```' }, output: { data: { total: 3 } } },
  run({ json }) {
    const parsed = jsonOf(typeof json === 'string' ? (FENCE.exec(json)?.[1] ?? json) : json);
    return 'value' in parsed ? done({ data: parsed.value }) : failed('json.invalid', parsed.fault);
  },
});
