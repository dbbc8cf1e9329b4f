import { closed, defineTrigger } from '../define';

export const operator = defineTrigger({
  id: '@trigger/manual',
  title: 'By hand',
  help: 'Starts when somebody says so; whatever data the start brings is the output.',
  trigger: 'manual',
  parameters: closed({}),
  output: { type: 'object', additionalProperties: true },
  example: { parameters: {}, output: { customer: 'c-1' } },
  inputSchema: () => ({ type: 'object', additionalProperties: true }),
  accept: (_parameters, input) => ({ output: input }),
});
