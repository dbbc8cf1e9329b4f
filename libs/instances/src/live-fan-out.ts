import type { InstanceId } from '@flow/kernel';

/** What there may be to read: transitions that are durable, or lines of tasks that are stored. */
export type News = 'events' | 'lines';

/**
 * Carries the doorbell of `LiveEvents` between processes: whoever watches an instance hears that another process has stored something of it, and
 * reads that from the store. News may be late, come twice or get lost; a stream looks by itself from time to time.
 */
export abstract class LiveFanOut {
  /** Something of this instance is in the store. Never throws, and nobody waits for it. */
  abstract publish(id: InstanceId, news: News): void;

  /**
   * News of this instance from other processes, until what it returns is called; what this one publishes is not told here. Where something may
   * have been missed, since the listening stands only now or again, that is told as news.
   */
  abstract subscribe(id: InstanceId, onNews: (news: News) => void): () => void;
}

/** There is no other process. */
export class NoFanOut extends LiveFanOut {
  override publish(): void {
    return;
  }

  override subscribe(): () => void {
    return () => undefined;
  }
}
