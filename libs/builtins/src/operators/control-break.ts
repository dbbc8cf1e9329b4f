import { closed, defineControl } from '../define';

export const operator = defineControl({
  id: '@control/flow/break',
  title: 'Break',
  help: 'Ends the loop around it: its iteration is left, others are stopped and no more begin.',
  parameters: closed({}),
  output: { type: 'null' },
  example: { parameters: {}, output: null },
});
