import { defineControl } from '../define';

export const operator = defineControl({
  id: '@internal/return',
  title: 'Return',
  help: 'Ends the whole run here, with a result; all parameters but "result" are the value that the run returns.',
  parameters: {
    type: 'object',
    properties: { result: { enum: ['success', 'failed'], default: 'success' } },
    additionalProperties: true,
  },
  output: { type: 'object', additionalProperties: true },
  example: { parameters: { result: 'success', total: 3 }, output: { total: 3 } },
});
