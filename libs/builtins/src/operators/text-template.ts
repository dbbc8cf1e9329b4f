import type { Json } from '@flow/kernel';
import { done } from '@flow/operators';
import { closed, definePure } from '../define';
import { rendered, templateFaults, templateSchema } from '../template-operator';

export const operator = definePure<{ readonly template: string; readonly data?: Json }>({
  id: '@internal/text/template',
  title: 'Text by a template',
  help: 'Makes a text from data by a template with conditions and loops.',
  parameters: closed({ template: templateSchema, data: { description: 'What the template calls "."' } }, ['template']),
  verbatim: ['template'],
  output: closed({ text: { type: 'string' } }, ['text']),
  example: {
    parameters: {
      template: 'Dear {{ .name }},{{ range .items }}\n- {{ .title }}{{ else }} nothing today{{ end }}',
      data: { name: 'Ada', items: [{ title: 'tea' }, { title: 'milk' }] },
    },
    output: { text: 'Dear Ada,\n- tea\n- milk' },
  },
  check: ({ template }) => templateFaults(template, '/template'),
  run({ template, data = null }) {
    const result = rendered(template, data);
    return 'text' in result ? done(result) : result.outcome;
  },
});
