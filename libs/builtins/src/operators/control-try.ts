import { closed, defineControl } from '../define';

export const operator = defineControl({
  id: '@control/flow/try',
  title: 'Try',
  help: 'Runs "steps", "catch" when they fail (it reads {{error}}), and "finally" whatever happens.',
  parameters: closed({}),
  output: closed(
    {
      caught: { type: 'boolean', description: 'Whether "catch" took a failure' },
      error: { type: ['object', 'null'], description: 'Which' },
    },
    ['caught', 'error'],
  ),
  example: {
    parameters: {},
    output: {
      caught: true,
      error: { code: 'http.status', message: 'GET example.com answered 404, which is not expected.', stepId: 'fetch' },
    },
  },
});
