import type { Clock, DomainId, InstanceId } from '@flow/kernel';
import { QuotaExceeded } from '@flow/quotas';
import type { Projector } from './projector';
import type { SlotStore } from './slot.store';

/** How many instances that have not ended a business domain may have; 0 means as many as it likes. */
export type LiveLimitOf = (domain: DomainId) => number | Promise<number>;

const WHAT = 'instances of this business domain that have not ended';
const RETRY_AFTER_MS = 5_000;
/** Where other processes start and end instances too, a count is good for so long. */
const RECOUNT_MS = 1_000;

interface Count {
  live: number;
  readonly since: number;
  /** Until the rows have been counted: who has come and gone since. Their rows may stand by then, or not. */
  counting:
    { readonly done: Promise<void>; readonly came: Set<InstanceId>; readonly went: Set<InstanceId> } | undefined;
}

/**
 * Counts the live instances of business domains that have a quota: from the rows when a domain is first asked for, then by following starts and ends,
 * so that a start after a crash counts right. Sub-flows count, and are never refused: they came in with their parent. Where processes share the rows each
 * counts them anew every second, so that all together may start as many more as they take in that time.
 */
export class LiveQuota {
  private readonly counts = new Map<DomainId, Count>();

  constructor(
    private readonly limitOf: LiveLimitOf,
    private readonly store: SlotStore,
    private readonly projector: Projector,
    private readonly clock: Clock,
    private readonly isShared: boolean,
  ) {}

  /** One more begins to live. @throws QuotaExceeded */
  async enter(domain: DomainId, id: InstanceId, isChild: boolean): Promise<void> {
    const limit = await this.limitOf(domain);
    if (limit <= 0 && !this.counts.has(domain)) return;
    const count = this.known(domain) ?? this.begin(domain);
    if (count.counting) await count.counting.done;
    if (limit > 0 && !isChild && count.live >= limit) throw new QuotaExceeded(WHAT, limit, RETRY_AFTER_MS);
    count.live += 1;
    count.counting?.came.add(id);
  }

  /** One has ended, or could not be started after all. */
  leave(domain: DomainId, id: InstanceId): void {
    const count = this.counts.get(domain);
    if (!count) return;
    count.live -= 1;
    count.counting?.went.add(id);
  }

  private known(domain: DomainId): Count | undefined {
    const count = this.counts.get(domain);
    const isOld = this.isShared && count && this.clock.monotonicMs() - count.since >= RECOUNT_MS;
    return isOld ? undefined : count;
  }

  private begin(domain: DomainId): Count {
    const [came, went] = [new Set<InstanceId>(), new Set<InstanceId>()];
    const count: Count = { live: 0, since: this.clock.monotonicMs(), counting: undefined };
    const done = this.countRows(domain, came, went).then(
      (live) => {
        count.live += live;
        count.counting = undefined;
      },
      (error: unknown) => {
        this.counts.delete(domain);
        throw error;
      },
    );
    count.counting = { done, came, went };
    this.counts.set(domain, count);
    return count;
  }

  /** What those in the rows come to that neither came nor went meanwhile; who went without having come is missing from `live` twice. */
  private async countRows(domain: DomainId, came: Set<InstanceId>, went: Set<InstanceId>): Promise<number> {
    await this.projector.caughtUp();
    const others = [...went].filter((id) => !came.has(id));
    return (await this.store.live(domain, [...came, ...others])) + others.length;
  }
}
