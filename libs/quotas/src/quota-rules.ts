import type { Clock, DomainId } from '@flow/kernel';
import type { DomainQuotas } from './domain-quota.store';
import { QUOTA_FIELDS, type DomainQuota, type Quota } from './quota';

/** A change by another process is seen after so long; one by this process at once. */
const FRESH_MS = 5_000;
const MOST_DOMAINS = 10_000;

/** What each business domain may use: its own quota, and what that does not say, the settings. Asked for with every request, and so kept for a moment. */
export class QuotaRules {
  private readonly known = new Map<DomainId, { readonly quota: Quota; readonly readAt: number }>();

  constructor(
    private readonly store: DomainQuotas,
    /** The settings. */
    readonly fallback: Quota,
    private readonly clock: Clock,
    private readonly onFault: (error: unknown) => void,
  ) {}

  /** At once where it is known. A store that does not answer keeps nobody out: then it is what it was before, or the settings. */
  of(domain: DomainId): Quota | Promise<Quota> {
    const known = this.known.get(domain);
    return known && this.clock.monotonicMs() - known.readAt < FRESH_MS ? known.quota : this.read(domain);
  }

  forget(domain: DomainId): void {
    this.known.delete(domain);
  }

  private async read(domain: DomainId): Promise<Quota> {
    let quota = this.known.get(domain)?.quota ?? this.fallback;
    try {
      quota = this.with(await this.store.find(domain));
    } catch (error) {
      this.onFault(error);
    }
    this.known.delete(domain);
    this.known.set(domain, { quota, readAt: this.clock.monotonicMs() });
    for (const oldest of this.known.keys()) {
      if (this.known.size <= MOST_DOMAINS) break;
      this.known.delete(oldest);
    }
    return quota;
  }

  private with(own: DomainQuota | undefined): Quota {
    const [requestsPerMinute, liveInstances] = QUOTA_FIELDS.map((field) => own?.[field] ?? this.fallback[field]);
    return { requestsPerMinute: requestsPerMinute ?? 0, liveInstances: liveInstances ?? 0 };
  }
}
