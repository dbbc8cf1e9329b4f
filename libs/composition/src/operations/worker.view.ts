import type { JsonSchema } from '@flow/http';
import type { WorkerView } from '@flow/instances';

export const workerView: JsonSchema = {
  type: 'object',
  properties: {
    id: { type: 'string', description: 'Of this start of the process; the next one has another.' },
    status: {
      enum: ['starting', 'running', 'draining', 'silent', 'closing'],
      description:
        '`silent`: not heard of for ten seconds, if the clocks of the machines go alike. `closing`: others take over what it held.',
    },
    app: { type: ['string', 'null'] },
    version: { type: ['string', 'null'] },
    host: { type: ['string', 'null'] },
    pid: { type: ['integer', 'null'] },
    startedAt: { type: ['string', 'null'], format: 'date-time' },
    seenAt: { type: ['string', 'null'], format: 'date-time', description: 'Its last sign of life, by its own clock.' },
    instances: { type: ['integer', 'null'], description: 'Instances that it holds.' },
    calls: { type: ['integer', 'null'], description: 'Calls of operators that are under way.' },
    hasRoom: { type: ['boolean', 'null'], description: 'Whether it takes up one more.' },
  },
};

export const workersView: JsonSchema = {
  type: 'object',
  properties: { items: { type: 'array', items: workerView } },
};

export function toWorkerView({ id, status, report }: WorkerView) {
  return {
    id,
    status,
    app: report?.app ?? null,
    version: report?.version ?? null,
    host: report?.host ?? null,
    pid: report?.pid ?? null,
    startedAt: report?.startedAt ?? null,
    seenAt: report?.at ?? null,
    instances: report?.instances ?? null,
    calls: report?.calls ?? null,
    hasRoom: report?.hasRoom ?? null,
  };
}
