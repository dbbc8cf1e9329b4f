import { WorkerBell } from '@flow/instances';
import type { InstanceId, WorkerId } from '@flow/kernel';
import type { RedisConnection } from './redis-connection';

/** Rings by a message on the worker's own channel. While Redis is away nothing is rung: the sweep of whoever holds the run finds what it would have heard. */
export class RedisWorkerBell extends WorkerBell {
  /** Rings that Redis did not take. */
  lost = 0;

  constructor(private readonly redis: RedisConnection) {
    super();
  }

  override ring(worker: WorkerId, instance: InstanceId): void {
    this.redis.commands.publish(this.channel(worker), instance).catch(() => {
      this.lost += 1;
    });
  }

  override listen(worker: WorkerId, onRing: (instance: InstanceId) => void): () => void {
    return this.redis.channels.listen(this.channel(worker), { onMessage: (text) => onRing(text as InstanceId) });
  }

  private channel(worker: WorkerId): string {
    return this.redis.key('bell', worker);
  }
}
