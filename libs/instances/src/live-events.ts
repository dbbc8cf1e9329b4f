import type { Clock, InstanceId } from '@flow/kernel';
import { NoFanOut, type LiveFanOut, type News } from './live-fan-out';

/** Rings are gathered for this long: a busy instance is read fifty times a second, however many strokes it takes. */
const GATHER_MS = 20;

/**
 * Tells those who watch an instance that there may be something new: a doorbell, not a queue. A watcher holds its own place and reads
 * what is behind it from the store, so a slow one costs nobody anything. `LiveFanOut` carries the rings of other processes.
 */
export class LiveEvents {
  private readonly watchers = new Map<InstanceId, Set<Watch>>();
  private rung = new Set<Watch>();
  private watching = 0;
  /** What ends the listening to other processes, by watched instance. */
  private readonly elsewhere = new Map<InstanceId, () => void>();

  constructor(
    private readonly clock: Clock,
    private readonly fanOut: LiveFanOut = new NoFanOut(),
  ) {}

  /** How many watch. */
  get watched(): number {
    return this.watching;
  }

  /** To be called after a commit. Costs one look into a map while nobody watches this instance. */
  published(id: InstanceId, news: News = 'events'): void {
    const watchers = this.watchers.get(id);
    if (!watchers) return;
    for (const watch of watchers) {
      if (!watch.listensTo(news)) continue;
      if (this.rung.size === 0) this.clock.after(GATHER_MS, () => this.ring());
      this.rung.add(watch);
    }
  }

  /** What was published is in the store now: whoever watches in another process finds it there. */
  stored(id: InstanceId, news: News = 'events'): void {
    this.fanOut.publish(id, news);
  }

  /** `stop()` must be called at its end. */
  watch(id: InstanceId, news: readonly News[]): Watch {
    const watchers = this.watchers.get(id) ?? new Set();
    if (!this.watchers.has(id)) {
      this.watchers.set(id, watchers);
      this.elsewhere.set(
        id,
        this.fanOut.subscribe(id, (of) => this.published(id, of)),
      );
    }
    const watch = new Watch(this.clock, news, () => {
      if (!watchers.delete(watch)) return;
      this.rung.delete(watch);
      this.watching -= 1;
      if (watchers.size > 0) return;
      this.watchers.delete(id);
      this.elsewhere.get(id)?.();
      this.elsewhere.delete(id);
    });
    watchers.add(watch);
    this.watching += 1;
    return watch;
  }

  private ring(): void {
    const due = this.rung;
    this.rung = new Set();
    for (const watch of due) watch.ring();
  }
}

/** One who watches: rings that come while it reads are not lost, and many are one. */
export class Watch {
  private pending = false;
  private wake: (() => void) | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly news: readonly News[],
    readonly stop: () => void,
  ) {}

  listensTo(news: News): boolean {
    return this.news.includes(news);
  }

  ring(): void {
    this.pending = true;
    this.wake?.();
  }

  /** Resolves as soon as it was rung since the last time, or is aborted, or when nothing happened for so long. */
  async next(quietMs: number, signal?: AbortSignal): Promise<'rung' | 'quiet'> {
    if (!this.pending && !signal?.aborted) {
      await new Promise<void>((resolve) => {
        const cancelTimer = this.clock.after(quietMs, resolve);
        this.wake = () => {
          cancelTimer();
          resolve();
        };
        signal?.addEventListener('abort', this.wake, { once: true });
      });
      if (this.wake) signal?.removeEventListener('abort', this.wake);
      this.wake = undefined;
    }
    const rung = this.pending;
    this.pending = false;
    return rung ? 'rung' : 'quiet';
  }
}
