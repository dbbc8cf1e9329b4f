import type { DomainId, Fault, PrincipalId } from '@flow/kernel';

/** What a business domain may use; 0 means as much as it likes. */
export interface Quota {
  /** Requests to both APIs in a minute, as many at once. */
  readonly requestsPerMinute: number;
  /** Instances that have not ended. */
  readonly liveInstances: number;
}

export const QUOTA_FIELDS = ['requestsPerMinute', 'liveInstances'] as const satisfies readonly (keyof Quota)[];

/** The quota of one domain where it differs from the settings; null leaves a field to them. */
export interface DomainQuota extends Readonly<Record<keyof Quota, number | null>> {
  readonly domain: DomainId;
  readonly modifiedBy: PrincipalId;
  readonly updatedAt: Date;
}

export const LARGEST_QUOTA = 100_000_000;

/** Faults of what was sent in the place of `{requestsPerMinute, liveInstances}`; a field that is left out is null. */
export function quotaFaults(sent: Readonly<Record<string, unknown>>): readonly Fault[] {
  return QUOTA_FIELDS.flatMap((field) => {
    const value = sent[field];
    if (value === undefined || value === null) return [];
    const fits = typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= LARGEST_QUOTA;
    const message = `"${field}" must be a whole number from 0 to ${LARGEST_QUOTA}, or null for the setting.`;
    return fits ? [] : [{ pointer: `/${field}`, code: 'field.invalid', message }];
  });
}
