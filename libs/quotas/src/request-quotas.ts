import { RateMeter, type Clock, type Metered, type Rate } from '@flow/kernel';
import type { Caller } from '@flow/auth';
import { QuotaExceeded } from './quota.errors';
import type { QuotaRules } from './quota-rules';

const MINUTE_MS = 60_000;

/** How a request stands to the quota that it is nearest to. */
export interface Charged {
  readonly limit: number;
  readonly windowMs: number;
  readonly remaining: number;
  /** Until all of the quota is there again. */
  readonly resetMs: number;
  /** Set when it is not let through. */
  readonly refusal?: QuotaExceeded;
}

/**
 * Counts requests by token and by business domain: buckets of a minute's worth (`RateMeter`), in this process's memory, so that a restart begins with
 * full ones. A request that one of the two refuses is not charged to the other.
 */
export class RequestQuotas {
  private readonly meter: RateMeter;

  constructor(
    private readonly rules: QuotaRules,
    /** Of one token; 0: no limit. */
    private readonly tokenPerMinute: number,
    clock: Clock,
  ) {
    this.meter = new RateMeter(clock);
  }

  /** Undefined where there is no quota. */
  async charge({ domain, tokenId }: Caller): Promise<Charged | undefined> {
    const { requestsPerMinute } = await this.rules.of(domain);
    const byToken = this.take(`token ${tokenId}`, this.tokenPerMinute, 'requests of this token in a minute');
    if (byToken?.refusal) return byToken;
    const byDomain = this.take(`domain ${domain}`, requestsPerMinute, 'requests of this business domain in a minute');
    if (byDomain?.refusal && byToken) this.meter.giveBack(`token ${tokenId}`, rateOf(this.tokenPerMinute));
    if (!byToken || !byDomain || byDomain.refusal) return byDomain ?? byToken;
    return byToken.remaining <= byDomain.remaining ? byToken : byDomain;
  }

  private take(key: string, limit: number, what: string): Charged | undefined {
    if (limit <= 0) return undefined;
    const metered: Metered = this.meter.take(key, rateOf(limit));
    const { remaining, resetMs } = metered;
    return {
      ...{ limit, windowMs: MINUTE_MS, remaining, resetMs },
      ...(!metered.isWithin && { refusal: new QuotaExceeded(what, limit, metered.retryAfterMs) }),
    };
  }
}

function rateOf(limit: number): Rate {
  return { max: limit, perMs: MINUTE_MS, burst: limit };
}
