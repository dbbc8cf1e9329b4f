import type { DomainId } from '@flow/kernel';

/**
 * ```
 * pending ─→ delivered
 *    ⇅
 *   dead      a dead letter, until it is driven anew
 * ```
 */
export type DeliveryStatus = 'pending' | 'delivered' | 'dead';

/** What is to be told to an address outside, until that takes it. */
export interface NewDelivery {
  /** The same for the same event, however often it is sent: receivers know repeats by it (`webhook-id`). */
  readonly id: string;
  readonly domain: DomainId;
  /** The instance that it tells of; there is one delivery of an instance. */
  readonly instance: string;
  readonly url: string;
  /** JSON text: the same bytes at every attempt. */
  readonly body: string;
  /** W3C `traceparent`, the same at every attempt. */
  readonly traceparent?: string;
}

/** One that is due. */
export interface Delivery extends NewDelivery {
  /** Attempts that were made and failed. */
  readonly attempts: number;
}

/** How far a delivery has come; times are RFC 3339. */
export interface DeliveryState {
  readonly status: DeliveryStatus;
  /** Where it goes; a redrive may have sent it elsewhere. */
  readonly url: string;
  readonly attempts: number;
  /** Of a pending one: when it is tried next. */
  readonly nextAt: string | null;
  /** What kept the last attempt from being taken. */
  readonly lastError: string | null;
}

/** A delivery that was given up: it waits for a person. */
export interface DeadLetter {
  readonly id: string;
  readonly domain: DomainId;
  readonly instance: string;
  readonly url: string;
  readonly attempts: number;
  readonly lastError: string;
  /** When it was first to be delivered, and when it was given up. */
  readonly createdAt: string;
  readonly diedAt: string;
}

/** A dead letter with what it would say. */
export type WholeDeadLetter = DeadLetter & { readonly body: string };

const HIDDEN = '?***';

/** An address as people may see it: a query may hold what lets its caller in. */
export function shownUrl(url: string): string {
  const { origin, pathname, search } = new URL(url);
  return `${origin}${pathname}${search === '' ? '' : HIDDEN}`;
}

/** The host of an address, with a port that is not the scheme's own. */
export function hostOf(url: string): string {
  return new URL(url).host;
}

/**
 * Deliveries of one lane stand in one queue: those of a business domain to one host. One that hangs delays its own lane alone, and no
 * tenant another one's, though both tell the same host.
 */
export function laneOf({ domain, url }: Pick<NewDelivery, 'domain' | 'url'>): string {
  return `${hostOf(url)} ${domain}`;
}

/** Hosts hold no spaces. */
export function domainOfLane(lane: string): DomainId {
  return lane.slice(lane.indexOf(' ') + 1) as DomainId;
}
