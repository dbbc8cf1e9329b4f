import { closed, defineControl } from '../define';

export const operator = defineControl({
  id: '@control/flow/parallel',
  title: 'Parallel',
  help: 'Runs the branches whose conditions hold side by side, until all are done or enough of them have succeeded.',
  parameters: closed({
    join: {
      anyOf: [{ enum: ['all', 'any'] }, closed({ n: { type: 'integer', minimum: 1, maximum: 1_000 } }, ['n'])],
      default: 'all',
      description: 'all: every branch is done; any or {"n": k}: one or k have succeeded, and the others are stopped',
    },
    failFast: {
      type: 'boolean',
      default: false,
      description: 'Stop what runs in the other branches when the step is going to fail, instead of letting it end',
    },
  }),
  // How branches meet is decided when a DAG is saved: both stand as they are written.
  verbatim: ['join', 'failFast'],
  output: closed({ winners: { type: 'array', items: { type: 'string' } } }, ['winners']),
  example: { parameters: { join: { n: 2 }, failFast: true }, output: { winners: ['fast', 'near'] } },
});
