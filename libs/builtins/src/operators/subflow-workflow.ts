import { closed, defineControl } from '../define';
import { CALLED_DAG, calledDag, calledDagFaults } from '../subflow';

export const operator = defineControl({
  id: '@subflow/call/workflow',
  title: 'Call a DAG',
  help: 'Starts another DAG of the same business domain and waits for its result.',
  parameters: closed(
    {
      ...calledDag,
      data: { type: 'object', description: 'The input that the DAG starts with' },
      wait: { type: 'boolean', default: true, description: 'false: go on as soon as the run stands' },
    },
    ['dagId'],
  ),
  verbatim: CALLED_DAG,
  output: { description: "The child's result; {id} when it is not waited for" },
  example: {
    parameters: {
      dagId: '01HZY4T5N8M3K2J1H0GFEDCBA9',
      version: 'v1.2.0',
      data: { customer: '{{trigger.customer}}' },
      wait: true,
    },
    output: { total: 12.5 },
  },
  check: calledDagFaults,
});
