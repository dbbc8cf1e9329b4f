import type { InstanceId, WorkerId } from '@flow/kernel';

/**
 * Tells a worker in another process that one of its instances has something in its inbox. A ring may be late, come twice or get lost:
 * it hastens what a sweep does as well.
 */
export abstract class WorkerBell {
  abstract ring(worker: WorkerId, instance: InstanceId): void;

  /** Rings for this worker, until what it returns is called. */
  abstract listen(worker: WorkerId, onRing: (instance: InstanceId) => void): () => void;
}
