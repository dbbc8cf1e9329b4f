import type { DomainId, InstanceId, Priority } from '@flow/kernel';

/** A run that nobody holds and that has something to do. */
export interface Dispatch {
  readonly id: InstanceId;
  /** As its header has it: claimed and let go of, it is another dispatch. */
  readonly epoch: number;
  readonly domain: DomainId;
  readonly priority: Priority;
  /** Not before, ms since 1970; at once when left out. */
  readonly at?: number;
}

/** Who takes up runs in this process. */
export interface DispatchConsumer {
  /** Whether one more can be taken up; while it cannot, what is offered is left to others. */
  readonly hasRoom: boolean;
  /** Resolves when the claim is durable, or when there is nothing to claim. A failure is for the sweep to repair. */
  take(id: InstanceId): Promise<unknown>;
}

/** How many domains share a lane is chance; that none can hold up the others is not. */
export const LANES = 32;

export interface LaneDepth {
  readonly lane: number;
  /** Dispatches whose time has come, and those whose time has not. */
  readonly waiting: number;
  readonly later: number;
}

/**
 * Brings runs that nobody holds to a process that takes them up: a doorbell, not a queue of work. It holds ids alone, and whoever takes one up claims it
 * in the store. An offer may get lost, come twice or come late, and is dropped when the run is held or has ended by then: what was missed is found by the
 * sweep (`Reconciler`).
 *
 * Domains are spread over lanes that are served in turn, so that one that offers much delays no other; within a lane higher priorities come
 * first, then whoever came first.
 */
export abstract class DispatchQueue {
  /** Whether it will be brought to somebody; where not, the caller has to see to it himself. Never throws, nor waits for long. */
  abstract offer(dispatch: Dispatch): Promise<boolean>;

  /** One consumer a process, until what it returns is called, which resolves when nothing is under way any more. */
  abstract consume(consumer: DispatchConsumer): () => Promise<void>;

  /** Lanes in which something waits. */
  abstract depths(): Promise<readonly LaneDepth[]>;

  abstract close(): Promise<void>;
}

/** FNV-1a: the same lane in every process and build. */
export function laneOf(domain: DomainId): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(domain)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash % LANES;
}
