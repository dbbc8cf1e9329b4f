import type { Caller } from '@flow/auth';
import type { JsonSchema } from '@flow/http';
import type { QuotaView } from '@flow/quotas';

const WORDS = {
  requestsPerMinute: 'Requests to both APIs in a minute, as many at once.',
  liveInstances: 'Instances that have not ended, queued ones included.',
};

const fields = (type: readonly string[], more: string) =>
  Object.fromEntries(
    Object.entries(WORDS).map(([name, words]) => [name, { type: [...type], description: `${words} ${more}` }]),
  );

/** What is sent: a field that is left out is null. */
export const quotaBody: JsonSchema = {
  type: 'object',
  properties: fields(['integer', 'null'], '0: no limit; null: the setting.'),
  additionalProperties: false,
};

export const quotaView: JsonSchema = {
  type: 'object',
  properties: {
    domain: { type: 'string' },
    ...fields(['integer', 'null'], '0: no limit; null: the setting.'),
    defaults: {
      type: 'object',
      description: 'The settings DOMAIN_REQUESTS_PER_MINUTE and DOMAIN_LIVE_INSTANCES.',
      properties: fields(['integer'], '0: no limit.'),
    },
    modifiedBy: { type: ['string', 'null'] },
    updatedAt: { type: ['string', 'null'], format: 'date-time' },
  },
};

export function toQuotaView({ domain }: Caller, { own, fallback }: QuotaView) {
  return {
    domain,
    requestsPerMinute: own?.requestsPerMinute ?? null,
    liveInstances: own?.liveInstances ?? null,
    defaults: fallback,
    modifiedBy: own?.modifiedBy ?? null,
    updatedAt: own?.updatedAt ?? null,
  };
}
