import type { Rate, RateMeter } from '@flow/kernel';
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
 * Counts requests by token and by business domain: buckets of a minute's worth (`RateMeter`). A request that one of the two refuses is not charged to the other.
 */
export class RequestQuotas {
  constructor(
    private readonly rules: QuotaRules,
    /** Of one token; 0: no limit. */
    private readonly tokenPerMinute: number,
    private readonly meter: RateMeter,
  ) {}

  /** Undefined where there is no quota. */
  async charge({ domain, tokenId }: Caller): Promise<Charged | undefined> {
    const { requestsPerMinute } = await this.rules.of(domain);
    const byToken = await this.take(`token ${tokenId}`, this.tokenPerMinute, 'requests of this token in a minute');
    if (byToken?.refusal) return byToken;
    const byDomain = await this.take(
      `domain ${domain}`,
      requestsPerMinute,
      'requests of this business domain in a minute',
    );
    if (byDomain?.refusal && byToken) this.meter.giveBack(`token ${tokenId}`, rateOf(this.tokenPerMinute));
    if (!byToken || !byDomain || byDomain.refusal) return byDomain ?? byToken;
    return byToken.remaining <= byDomain.remaining ? byToken : byDomain;
  }

  private async take(key: string, limit: number, what: string): Promise<Charged | undefined> {
    if (limit <= 0) return undefined;
    const metered = await this.meter.take(key, rateOf(limit));
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
