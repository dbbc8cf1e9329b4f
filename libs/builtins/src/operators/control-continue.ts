import { closed, defineControl } from '../define';

export const operator = defineControl({
  id: '@control/flow/continue',
  title: 'Continue',
  help: 'Leaves its iteration of the loop around it; the loop goes on with the next.',
  parameters: closed({}),
  output: { type: 'null' },
  example: { parameters: {}, output: null },
});
