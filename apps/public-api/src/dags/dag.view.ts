import { ON_FULL, type Dag, type DagSummary, type DagVersion } from '@flow/dags';
import type { JsonSchema } from '@flow/http';
import { pageSchema } from '@flow/http';

const text = { type: 'string' } as const;
const time = { type: 'string', format: 'date-time' } as const;

const SUMMARY = {
  id: text,
  title: text,
  description: text,
  status: { enum: ['normal', 'stopped'] },
  type: text,
  tags: { type: 'array', items: text },
  labels: { type: 'object', additionalProperties: text },
  priority: { enum: ['lowest', 'low', 'medium', 'high', 'highest'] },
  version: text,
  trigger: { type: 'string', description: 'What starts it: manual, form...' },
  createdBy: text,
  createdAt: time,
  updatedAt: time,
  modifiedBy: text,
};

export const dagSummaryView: JsonSchema = { type: 'object', properties: SUMMARY };
export const dagPage = pageSchema(dagSummaryView);

const { trigger: _trigger, ...KEPT } = SUMMARY;
export const dagView: JsonSchema = {
  type: 'object',
  properties: {
    ...KEPT,
    changeLog: text,
    vars: { type: 'object' },
    steps: { type: 'array', items: { type: 'object' } },
    outputs: { type: 'object' },
    timeout: { type: 'string', description: 'ISO 8601 duration.' },
    startBy: {
      type: 'string',
      description: 'ISO 8601 duration: what has not begun so long after it was accepted fails.',
    },
    concurrency: {
      type: 'object',
      description: 'How many instances run at once, and what happens to more (docs/limits.md).',
      properties: {
        max: { type: 'integer' },
        key: { type: 'string', description: 'A text with expressions: instances with the same value share the slots.' },
        onFull: { enum: ON_FULL },
      },
    },
    rateLimit: {
      type: 'object',
      description: 'How many instances are started in a time.',
      properties: {
        max: { type: 'integer' },
        per: { type: ['string', 'integer'], description: 'ISO 8601 duration, or milliseconds.' },
        key: text,
        burst: { type: 'integer' },
      },
    },
    retention: {
      type: ['string', 'object'],
      description:
        'How long ended instances are kept: an ISO 8601 duration or `forever`, for all or by how they ended.',
    },
  },
};

/** A DAG as its users see it: the tenant is theirs anyway, the revision is the ETag. */
export function toDagView(dag: Partial<Dag>): Record<string, unknown> {
  const { id, title, domain: _domain, revision: _revision, ...view } = dag;
  return { id, ...(title !== undefined && { title }), ...view };
}

export function toSummaryView(summary: DagSummary): Record<string, unknown> {
  return toDagView(summary);
}

const FAULT = { type: 'object', properties: { pointer: text, code: text, message: text } };
export const validationView: JsonSchema = {
  type: 'object',
  properties: {
    valid: { type: 'boolean' },
    errors: { type: 'array', items: FAULT },
    warnings: { type: 'array', items: FAULT },
  },
};

export const batchView: JsonSchema = {
  type: 'object',
  properties: {
    items: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          id: text,
          ok: { type: 'boolean' },
          instanceId: text,
          error: { type: 'object', properties: { code: text, message: text } },
        },
      },
    },
  },
};

const VERSION = { dagId: text, version: text, changeLog: text, createdBy: text, createdAt: time };
export const versionPage = pageSchema({ type: 'object', properties: VERSION });
export const versionView: JsonSchema = { type: 'object', properties: { ...VERSION, content: { type: 'object' } } };

export function toVersionView<T extends Omit<DagVersion, 'content'>>({
  domain: _domain,
  ...version
}: T): Omit<T, 'domain'> {
  return version;
}

const STEP_AT = { type: 'object', properties: { stepId: text } };
const CHANGE = { type: 'object', properties: { pointer: text, from: {}, to: {} } };
export const diffView: JsonSchema = {
  type: 'object',
  properties: {
    added: { type: 'array', items: STEP_AT },
    removed: { type: 'array', items: STEP_AT },
    moved: { type: 'array', items: STEP_AT },
    changed: {
      type: 'array',
      items: { type: 'object', properties: { stepId: text, changes: { type: 'array', items: CHANGE } } },
    },
    fields: { type: 'array', items: CHANGE, description: 'Changed fields of the DAG itself.' },
  },
};
