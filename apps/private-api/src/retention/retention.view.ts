import type { Caller } from '@flow/auth';
import type { JsonSchema } from '@flow/http';
import type { PurgePreview, RetentionView } from '@flow/retention';

const KEPT = {
  type: ['string', 'object'],
  description: 'An ISO 8601 duration or `forever`, for all or by how they ended.',
};

export const retentionView: JsonSchema = {
  type: 'object',
  properties: {
    domain: { type: 'string' },
    retention: { ...KEPT, type: [...KEPT.type, 'null'], description: 'null: the business domain says nothing itself.' },
    default: { type: 'string', description: 'The setting RETENTION: for what the domain does not say.' },
    modifiedBy: { type: ['string', 'null'] },
    updatedAt: { type: ['string', 'null'], format: 'date-time' },
  },
};

export const purgeView: JsonSchema = {
  type: 'object',
  properties: {
    purged: { type: 'integer', description: 'Instances that were removed.' },
    freedBytes: { type: 'integer', description: 'Bytes that the disk has back.' },
    done: { type: 'boolean', description: 'false: there was no time for all of it; ask again.' },
    tookMs: { type: 'integer' },
    dryRun: {
      type: 'object',
      description: 'What would be removed; only where `dryRun` was asked for, and then nothing was removed.',
      properties: {
        instances: { type: 'integer' },
        dags: {
          type: 'array',
          description: 'The DAGs of which instances would go, the most first; at most 1,000.',
          items: { type: 'object', properties: { dagId: { type: 'string' }, instances: { type: 'integer' } } },
        },
      },
    },
  },
};

export function toPreview({ instances, dags, done, tookMs }: PurgePreview) {
  return { purged: 0, freedBytes: 0, done, tookMs, dryRun: { instances, dags } };
}

export function toRetentionView({ domain }: Caller, { own, fallback }: RetentionView) {
  return {
    domain,
    retention: own?.retention ?? null,
    default: fallback,
    modifiedBy: own?.modifiedBy ?? null,
    updatedAt: own?.updatedAt ?? null,
  };
}
