import type { JsonSchema } from '@flow/http';
import type { StepResult } from '@flow/instances';
import { lineView } from '../instances/instance.view';

export const stepResultView: JsonSchema = {
  type: 'object',
  required: ['instanceId', 'status', 'attempt', 'parameters', 'output', 'error', 'logs', 'durationMs'],
  properties: {
    instanceId: { type: 'string', description: 'The debug run that carried it out; to be read for five minutes.' },
    status: { enum: ['succeeded', 'failed', 'skipped', 'cancelled', 'running', 'retrying', 'waiting'] },
    attempt: { type: 'integer' },
    parameters: { description: 'Rendered; secrets stand by name.' },
    output: {},
    error: {
      type: ['object', 'null'],
      properties: { code: { type: 'string' }, message: { type: 'string' }, output: {} },
    },
    logs: { type: 'array', items: lineView },
    durationMs: { type: 'integer' },
  },
};

export function toStepResultView({ logs, ...result }: StepResult) {
  return {
    ...result,
    logs: logs.map(({ kind, seq, ...line }) => ({ id: String(seq), type: `log.${kind}`, seq, ...line })),
  };
}
