import { closed, defineControl } from '../define';

export const operator = defineControl({
  id: '@internal/assign',
  title: 'Assign',
  help: "Overwrites a variable, a step's output, or a part of one.",
  parameters: closed(
    {
      target: {
        type: 'string',
        pattern: '^\\s*\\{\\{[^{}]+\\}\\}\\s*$',
        description: 'one reference in double braces, for example {{__1.value}} or {{vars.total}}',
      },
      value: { description: 'What stands there from now on' },
    },
    ['target', 'value'],
  ),
  verbatim: ['target'],
  output: { type: 'null' },
  example: { parameters: { target: '{{__1.value}}', value: 'b' }, output: null },
});
