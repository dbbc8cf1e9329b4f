import { closed, defineControl } from '../define';
import { CALLED_DAG, calledDag, calledDagFaults } from '../subflow';

export const operator = defineControl({
  id: '@subflow/call/dataflow',
  title: 'Call a DAG for each',
  help: 'Starts another DAG once for each element of a list and waits for all of them.',
  parameters: closed(
    {
      ...calledDag,
      data: { type: 'array', items: { type: 'object' }, maxItems: 10_000, description: 'One input for each child' },
    },
    ['dagId', 'data'],
  ),
  verbatim: CALLED_DAG,
  output: closed(
    {
      total: { type: 'integer' },
      succeeded: { type: 'integer' },
      failed: { type: 'integer' },
      items: {
        type: 'array',
        items: closed({ id: { type: 'string' }, status: { type: 'string' }, result: {} }, ['id', 'status', 'result']),
      },
    },
    ['total', 'succeeded', 'failed', 'items'],
  ),
  example: {
    parameters: { dagId: '01HZY4T5N8M3K2J1H0GFEDCBA9', data: [{ customer: 'c-1' }] },
    output: {
      total: 1,
      succeeded: 1,
      failed: 0,
      items: [{ id: '01HZY4T5N8M3K2J1H0GFEDCBAA', status: 'succeeded', result: { total: 12.5 } }],
    },
  },
  check: calledDagFaults,
});
