import type { JsonSchema } from '@flow/http';
import type { Approval } from '@flow/instances';
import { isJsonObject } from '@flow/kernel';
import { pageSchema } from '@flow/http';

const text = { type: 'string' } as const;
const time = { type: ['string', 'null'], format: 'date-time' } as const;

const decisionView: JsonSchema = {
  type: 'object',
  properties: {
    by: text,
    decision: { enum: ['approved', 'rejected'] },
    at: { type: 'string', format: 'date-time' },
    data: {},
  },
};

export const approvalView: JsonSchema = {
  type: 'object',
  properties: {
    id: text,
    instanceId: text,
    dagId: text,
    stepId: text,
    path: text,
    title: { type: ['string', 'null'], description: 'What is to be decided.' },
    status: { type: 'string', description: 'Of its task: `waiting` until enough have decided.' },
    assignees: { type: 'array', items: text },
    quorum: { type: 'integer', description: 'How many must approve; one rejection is enough.' },
    schema: { type: ['object', 'null'], description: 'JSON Schema of the data that comes with an approval.' },
    decisions: { type: 'array', items: decisionView, description: 'First one first.' },
    expiresAt: time,
    createdAt: time,
  },
};
export const approvalPage = pageSchema(approvalView);

/** An approval as it waits; when it waits no longer, what was asked and decided. */
export function toApprovalView({ task, instance }: Approval): object {
  const { id, stepId, path, status, waitingFor, startedAt, output, error } = task;
  const asked = isJsonObject(task.input) ? task.input : {};
  const outcome = output ?? error?.output ?? null;
  const wait = waitingFor?.kind === 'approval' ? waitingFor : undefined;
  return {
    id,
    instanceId: instance.id,
    dagId: instance.dagId,
    stepId,
    path,
    title: typeof asked.title === 'string' ? asked.title : task.title,
    status,
    assignees: wait?.assignees ?? asked.assignees ?? [],
    quorum: wait?.quorum ?? asked.quorum ?? 1,
    schema: wait ? wait.schema : (asked.schema ?? null),
    decisions: wait?.decisions ?? (isJsonObject(outcome) ? outcome.decisions : undefined) ?? [],
    expiresAt: wait?.until ?? null,
    createdAt: startedAt,
  };
}
