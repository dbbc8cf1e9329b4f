import { demand, type Caller } from '@flow/auth';
import { retentionFaults, RequestInvalid, type Clock, type Json, type Keeping, type Retention } from '@flow/kernel';
import type { DomainRetention, DomainRetentions } from './domain-retention.store';
import type { Purge, PurgePreview, PurgeReport } from './purge';
import type { RetentionRules } from './retention-rules';

/** A request that purges answers in this time at the latest, also when there is more to do. */
export const PURGE_REQUEST_MS = 20_000;

export interface RetentionView {
  /** What the business domain says itself; null when it leaves it to the setting. */
  readonly own: DomainRetention | null;
  /** The setting. */
  readonly fallback: Keeping;
}

/** How long a business domain keeps its ended instances; every caller acts on its own domain. */
export class RetentionService {
  constructor(
    private readonly domains: DomainRetentions,
    private readonly rules: RetentionRules,
    private readonly purge: Purge,
    private readonly clock: Clock,
  ) {}

  async get(caller: Caller): Promise<RetentionView> {
    demand(caller, 'platform.admin');
    return this.view(caller);
  }

  /** @throws RequestInvalid */
  async put(caller: Caller, sent: Json): Promise<RetentionView> {
    demand(caller, 'platform.admin');
    const faults = retentionFaults(sent, '/retention');
    if (faults.length > 0) throw new RequestInvalid(faults);
    const { domain, principal: modifiedBy } = caller;
    await this.domains.put({ domain, retention: sent as Retention, modifiedBy, updatedAt: this.clock.now() });
    return this.view(caller);
  }

  /** Back to the setting. */
  async reset(caller: Caller): Promise<void> {
    demand(caller, 'platform.admin');
    await this.domains.remove(caller.domain);
  }

  /** Removes now what is past its retention, as much as a request has time for. */
  async run(caller: Caller): Promise<PurgeReport> {
    demand(caller, 'platform.admin');
    return this.purge.run({ domain: caller.domain, withinMs: PURGE_REQUEST_MS });
  }

  /** What `run` would remove now, counted in the time of a request. */
  async preview(caller: Caller): Promise<PurgePreview> {
    demand(caller, 'platform.admin');
    return this.purge.preview({ domain: caller.domain, withinMs: PURGE_REQUEST_MS });
  }

  private async view({ domain }: Caller): Promise<RetentionView> {
    return { own: (await this.domains.find(domain)) ?? null, fallback: this.rules.fallback };
  }
}
