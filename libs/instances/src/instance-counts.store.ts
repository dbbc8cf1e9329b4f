import type { DomainId, EndStatus } from '@flow/kernel';
import type { InstanceStatus } from './instance';

export const LIVE_STATUSES = [
  'queued',
  'running',
  'waiting',
  'paused',
  'cancelling',
] as const satisfies readonly InstanceStatus[];
export type LiveStatus = (typeof LIVE_STATUSES)[number];

/** How many ended in one minute in this way. */
export interface EndedCount {
  readonly minute: Date;
  readonly status: EndStatus;
  readonly count: number;
}

/** How many instances of a domain there are, debug runs not counted; what a question costs is bounded by its limit, however many there are. */
export abstract class InstanceCounts {
  /** Those that have not ended, by status; none is counted further than the limit. */
  abstract live(domain: DomainId, limit: number): Promise<Readonly<Record<LiveStatus, number>>>;

  /** The last that ended, `limit` at most, and not before a moment: by minute and status, in any order. */
  abstract ended(domain: DomainId, since: Date, limit: number): Promise<readonly EndedCount[]>;
}
