import type { Clock, DomainId } from '@flow/kernel';
import { OutboundBlocked, OutboundError, type HttpClient } from '@flow/platform';
import type { Deliverer } from './deliverer';
import { laneOf, shownUrl, type DeliveryState, type NewDelivery } from './delivery';
import { CallbackUrlBlocked, CallbackUrlInvalid } from './delivery.errors';
import type { DeliveryStore } from './delivery.store';

const LONGEST_URL = 2_048;

/** A delivery as it is shown beside what it tells of: the address is without its query. */
export type ShownDelivery = DeliveryState;

/** Takes what is to be told outside, and knows how far it has come. */
export class Deliveries {
  constructor(
    private readonly store: DeliveryStore,
    private readonly http: HttpClient,
    private readonly deliverer: Deliverer,
    private readonly clock: Clock,
  ) {}

  /** The address as it is kept. What a name leads to is judged at each delivery. @throws CallbackUrlInvalid, CallbackUrlBlocked */
  checkUrl(url: string, pointer: string): string {
    if (url.length > LONGEST_URL)
      throw new CallbackUrlInvalid(pointer, `The address is longer than ${LONGEST_URL} characters.`);
    try {
      this.http.check(url);
    } catch (error) {
      if (!(error instanceof OutboundError)) throw error;
      if (error instanceof OutboundBlocked) throw new CallbackUrlBlocked(pointer, error.message);
      throw new CallbackUrlInvalid(pointer, error.message);
    }
    const kept = new URL(url);
    // Never sent.
    kept.hash = '';
    if (kept.href.length > LONGEST_URL)
      throw new CallbackUrlInvalid(pointer, `The address is longer than ${LONGEST_URL} characters when it is encoded.`);
    return kept.href;
  }

  /** Kept when it resolves, and sent from then on. One with the same id is the same one. */
  async add(delivery: NewDelivery): Promise<void> {
    await this.store.add(delivery, this.clock.now());
    this.deliverer.wake(laneOf(delivery));
  }

  /** How the delivery of an instance stands that was asked for at this address: one that is not due yet has not been tried. */
  async shown(domain: DomainId, instance: string, url: string): Promise<ShownDelivery> {
    const state = await this.store.stateOf(domain, instance);
    if (!state) return { url: shownUrl(url), status: 'pending', attempts: 0, nextAt: null, lastError: null };
    return { ...state, url: shownUrl(state.url) };
  }
}
