import type { DomainId, Page, PageRequest } from '@flow/kernel';
import type { DeadLetter, Delivery, DeliveryState, NewDelivery, WholeDeadLetter } from './delivery';

/** Dead letters that a list is to show. */
export interface DeadLetterFilter {
  readonly instance?: string;
  /** The host of the address, with a port that is not the scheme's own. */
  readonly host?: string;
}

/** A queue in which something waits. */
export interface WaitingLane {
  readonly lane: string;
  /** When its first delivery is due. */
  readonly nextAt: Date;
}

/** Who is about to send what it has read. */
export interface TakenAttempt {
  /** Attempts before this one. */
  readonly attempts: number;
  readonly now: Date;
  readonly until: Date;
}

/** What became of an attempt that failed and that others follow. */
export interface FailedAttempt {
  readonly attempts: number;
  readonly nextAt: Date;
  readonly lastError: string;
}

/**
 * Deliveries that wait, what became of those that were made, and dead letters. Writes about unknown ids, or about deliveries that do not wait, change
 * nothing.
 */
export abstract class DeliveryStore {
  /** Due at once. Changes nothing when one with this id stands, whatever became of it. */
  abstract add(delivery: NewDelivery, at: Date): Promise<void>;
  abstract stateOf(domain: DomainId, instance: string): Promise<DeliveryState | undefined>;

  /** Every lane in which deliveries wait; costs what the lanes are, not what waits in them. */
  abstract lanes(): Promise<readonly WaitingLane[]>;
  /** Those of a lane that are due, the longest due first. */
  abstract due(lane: string, now: Date, limit: number): Promise<readonly Delivery[]>;
  /**
   * Whether this process may send it until then; false when another was faster, or it does not wait any more. Where processes share the store
   * it is due again afterwards, so that one that dies on it leaves it to others.
   */
  abstract take(id: string, attempt: TakenAttempt): Promise<boolean>;
  /** When the first one that waits in a lane is due; undefined when none waits. */
  abstract nextIn(lane: string): Promise<Date | undefined>;
  /** Taken for good: what it said is forgotten. */
  abstract settle(id: string, attempts: number): Promise<void>;
  abstract postpone(id: string, attempt: FailedAttempt): Promise<void>;
  /** Given up: it is a dead letter from now on, and waits no more. */
  abstract bury(id: string, end: { attempts: number; lastError: string; at: Date }): Promise<void>;
  /** Of all domains together. */
  abstract counts(): Promise<{ readonly pending: number; readonly dead: number }>;

  /** The newest first; keyset pages. */
  abstract deadLetters(domain: DomainId, filter: DeadLetterFilter, page: PageRequest): Promise<Page<DeadLetter>>;
  abstract deadLetter(domain: DomainId, id: string): Promise<WholeDeadLetter | undefined>;
  /** Gives a dead letter another address; false when there is none of this id. */
  abstract redirect(domain: DomainId, id: string, url: string): Promise<boolean>;
  /** A dead letter waits again, due at once, as if it had never been tried; the lane it stands in, undefined when there is none of this id. */
  abstract redrive(domain: DomainId, id: string, at: Date): Promise<string | undefined>;
  /** Forgets a dead letter; its delivery stays dead. */
  abstract remove(domain: DomainId, id: string): Promise<boolean>;
}
