import { closed, defineControl } from '../define';

export const operator = defineControl({
  id: '@control/flow/branches',
  title: 'Branches',
  help: 'Runs the branches whose conditions hold, one after another in their order.',
  parameters: closed({
    exclusive: { type: 'boolean', default: false, description: 'Run only the first branch that holds' },
  }),
  output: { type: ['object', 'null'], properties: { branches: { type: 'array', items: { type: 'string' } } } },
  example: { parameters: { exclusive: true }, output: { branches: ['large'] } },
});
