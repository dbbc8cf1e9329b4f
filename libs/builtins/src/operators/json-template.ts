import type { Json } from '@flow/kernel';
import { done, failed } from '@flow/operators';
import { closed, definePure } from '../define';
import { jsonOf, parseJson } from '../json-text';
import { rendered, templateFaults, templateSchema } from '../template-operator';

export const operator = definePure<{ readonly json: Json; readonly template: string }>({
  id: '@internal/json/template',
  title: 'JSON by a template',
  help: 'Makes a text, mostly JSON, from JSON by a template with conditions and loops.',
  parameters: closed({ json: { description: 'Data, or JSON text' }, template: templateSchema }, ['json', 'template']),
  verbatim: ['template'],
  output: closed(
    { result: { type: 'string' }, data: { description: 'What the result says as JSON; null when it is none' } },
    ['result', 'data'],
  ),
  example: {
    parameters: {
      json: '{"people": [{"name": "Ada", "age": 36}, {"name": "Bob", "age": 7}]}',
      template:
        '{ {{- $first := true }}{{ range .people }}{{ if not $first }}, {{ end }}{{ $first = false }}"{{ .name }}": {{ add .age 1 }}{{ end -}} }',
    },
    output: { result: '{"Ada": 37, "Bob": 8}', data: { Ada: 37, Bob: 8 } },
  },
  check: ({ template }) => templateFaults(template, '/template'),
  run({ json, template }) {
    const parsed = jsonOf(json);
    if ('fault' in parsed) return failed('json.invalid', parsed.fault);
    const result = rendered(template, parsed.value);
    if ('outcome' in result) return result.outcome;
    const made = parseJson(result.text);
    return done({ result: result.text, data: 'value' in made ? made.value : null });
  },
});
