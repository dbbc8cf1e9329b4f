import { demand, type Caller } from '@flow/auth';
import { RequestInvalid, type Clock } from '@flow/kernel';
import type { DomainQuotas } from './domain-quota.store';
import { quotaFaults, type DomainQuota, type Quota } from './quota';
import type { QuotaRules } from './quota-rules';

export interface QuotaView {
  /** What the business domain has of its own; null when the settings hold. */
  readonly own: DomainQuota | null;
  /** The settings. */
  readonly fallback: Quota;
}

/** The quota of a business domain; every caller acts on its own domain. */
export class QuotasService {
  constructor(
    private readonly store: DomainQuotas,
    private readonly rules: QuotaRules,
    private readonly clock: Clock,
  ) {}

  async get(caller: Caller): Promise<QuotaView> {
    demand(caller, 'platform.admin');
    return this.view(caller);
  }

  /** In the place of what stands; a field that is null or missing is left to the settings. @throws RequestInvalid */
  async put(caller: Caller, sent: Partial<Readonly<Record<keyof Quota, number | null>>>): Promise<QuotaView> {
    demand(caller, 'platform.admin');
    const faults = quotaFaults(sent);
    if (faults.length > 0) throw new RequestInvalid(faults);
    const { domain, principal: modifiedBy } = caller;
    const { requestsPerMinute = null, liveInstances = null } = sent;
    await this.store.put({ domain, requestsPerMinute, liveInstances, modifiedBy, updatedAt: this.clock.now() });
    this.rules.forget(domain);
    return this.view(caller);
  }

  /** Back to the settings. */
  async reset(caller: Caller): Promise<void> {
    demand(caller, 'platform.admin');
    await this.store.remove(caller.domain);
    this.rules.forget(caller.domain);
  }

  private async view({ domain }: Caller): Promise<QuotaView> {
    return { own: (await this.store.find(domain)) ?? null, fallback: this.rules.fallback };
  }
}
