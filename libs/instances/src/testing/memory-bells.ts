import { LiveFanOut, WorkerBell, type News } from '@flow/instances';
import type { InstanceId, WorkerId } from '@flow/kernel';

type OnRing = (instance: InstanceId) => void;
type OnNews = (news: News) => void;

/** What processes tell one another, in one memory: nothing is late or lost. */
export class MemoryAir {
  readonly workers = new Map<WorkerId, OnRing>();
  readonly watchers = new Map<InstanceId, Map<OnNews, LiveFanOut>>();
}

export class MemoryWorkerBell extends WorkerBell {
  constructor(private readonly air: MemoryAir) {
    super();
  }

  override ring(worker: WorkerId, instance: InstanceId): void {
    this.air.workers.get(worker)?.(instance);
  }

  override listen(worker: WorkerId, onRing: OnRing): () => void {
    this.air.workers.set(worker, onRing);
    return () => this.air.workers.delete(worker);
  }
}

export class MemoryFanOut extends LiveFanOut {
  constructor(private readonly air: MemoryAir) {
    super();
  }

  override publish(id: InstanceId, news: News): void {
    for (const [onNews, of] of this.air.watchers.get(id) ?? []) if (of !== this) onNews(news);
  }

  override subscribe(id: InstanceId, onNews: OnNews): () => void {
    const watchers = this.air.watchers.get(id) ?? new Map<OnNews, LiveFanOut>();
    this.air.watchers.set(id, watchers.set(onNews, this));
    return () => {
      watchers.delete(onNews);
      if (watchers.size === 0) this.air.watchers.delete(id);
    };
  }
}
