import type { DagId, DomainId } from '@flow/kernel';

/** What a DAG has to know about its runs; the side that runs instances extends it. */
export abstract class LiveInstances {
  /** How many instances of the DAG have not ended. */
  abstract count(domain: DomainId, dagId: DagId): Promise<number>;

  /** Asks every live instance of the DAG to stop; the requests are durable when the promise resolves. */
  abstract cancelAll(domain: DomainId, dagId: DagId, reason: string): Promise<void>;
}
