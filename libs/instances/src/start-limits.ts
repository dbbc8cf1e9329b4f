import { createHash } from 'node:crypto';
import type { InstanceId, Json, RateMeter } from '@flow/kernel';
import { compileTemplate, type CompiledTemplate } from '@flow/expressions';
import { rateOf, type DagContent, type RateLimit } from '@flow/dags';
import { readAtStart, type Plan, type RunStart } from '@flow/engine';
import type { Creation } from './creation';
import type { Instance } from './instance';
import { LimitKeyFailed, RateLimited } from './limit.errors';
import type { LiveQuota } from './live-quota';
import { ownSlotKey, slotKeyOf, type OwnLimit } from './slot';
import type { SlotKeeper } from './slot-keeper';

const MOST_KEYS = 1_000;

/** What is about to be started. */
export interface Starting {
  readonly id: InstanceId;
  readonly creation: Creation;
  readonly plan: Plan;
  readonly start: RunStart;
  /** Of the newest version, whichever is started: an author who changes them means them for all. */
  readonly limits: Pick<DagContent, 'concurrency' | 'rateLimit'>;
  /** Of whoever starts it; it counts where the DAG has no `concurrency`. */
  readonly ownLimit?: OwnLimit | undefined;
}

/** What a start comes to where limits let it through. */
export type Begin = (creation: Creation, queued: boolean) => Promise<Instance>;

/**
 * What a start has to pass once its input is accepted and nothing stands under its id: the quota of its business domain, the rate limit of its DAG, then
 * the slots. A start that is refused leaves nothing behind, and does not count. Debug runs are their caller's alone and pass everything.
 */
export class StartLimits {
  private readonly keys = new Map<string, CompiledTemplate>();

  constructor(
    private readonly slots: SlotKeeper,
    private readonly quota: LiveQuota,
    private readonly meter: RateMeter,
  ) {}

  /** @throws QuotaExceeded, LimitKeyFailed, RateLimited, ConcurrencyFull and what `begin` throws */
  async start(starting: Starting, begin: Begin): Promise<Instance> {
    const { id, creation } = starting;
    const { domain, parent, debug } = creation;
    if (debug) return begin(creation, false);
    await this.quota.enter(domain, id, parent !== null);
    try {
      return await this.metered(starting, begin);
    } catch (error) {
      this.quota.leave(domain, id);
      throw error;
    }
  }

  /** The end of an instance is durable. */
  ended(id: InstanceId, creation: Creation): void {
    if (creation.debug) return;
    this.quota.leave(creation.domain, id);
    this.slots.ended(id, creation);
  }

  private async metered(starting: Starting, begin: Begin): Promise<Instance> {
    const { rateLimit } = starting.limits;
    if (!rateLimit) return this.slotted(starting, begin);
    const giveBack = await this.take(rateLimit, starting);
    try {
      return await this.slotted(starting, begin);
    } catch (error) {
      giveBack();
      throw error;
    }
  }

  private async take(rateLimit: RateLimit, starting: Starting): Promise<() => void> {
    const { domain, dagId } = starting.creation;
    const key = `${domain} ${dagId} ${this.keyOf('rateLimit', starting)}`;
    const rate = rateOf(rateLimit);
    const metered = await this.meter.take(key, rate);
    if (!metered.isWithin) throw new RateLimited(dagId, metered.retryAfterMs);
    return () => this.meter.giveBack(key, rate);
  }

  private async slotted(starting: Starting, begin: Begin): Promise<Instance> {
    const { id, start, creation, limits, ownLimit } = starting;
    const limit = limits.concurrency ?? ownLimit;
    if (!limit) return begin(creation, false);
    const slot = limit === ownLimit ? ownSlotKey(ownLimit) : this.keyOf('concurrency', starting);
    const { domain, dagId, priority } = creation;
    return this.slots.start({ domain, dagId, key: slot }, limit, { id, at: start.at, priority }, (queued) =>
      begin({ ...creation, slot }, queued),
    );
  }

  private keyOf(field: 'concurrency' | 'rateLimit', { limits, plan, start }: Starting): string {
    const text = limits[field]?.key;
    if (text === undefined) return '';
    let value: Json;
    try {
      value = readAtStart(plan, start, this.compiled(text));
    } catch (error) {
      throw new LimitKeyFailed(field, error);
    }
    return slotKeyOf(value, (whole) => createHash('sha256').update(whole).digest('hex'));
  }

  private compiled(text: string): CompiledTemplate {
    const known = this.keys.get(text);
    if (known) return known;
    const compiled = compileTemplate(text);
    this.keys.set(text, compiled);
    for (const oldest of this.keys.keys()) {
      if (this.keys.size <= MOST_KEYS) break;
      this.keys.delete(oldest);
    }
    return compiled;
  }
}

/** Whether a key of the limits may read this name: what surrounds a run is there for it then. */
export function mayRead({ concurrency, rateLimit }: Starting['limits'], name: string): boolean {
  return [concurrency?.key, rateLimit?.key].some((key) => key?.includes(name));
}
