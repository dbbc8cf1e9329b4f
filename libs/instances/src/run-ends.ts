import type { Clock } from '@flow/kernel';
import { hasEnded, type Instance } from './instance';
import type { InstanceFinder } from './instance-finder';
import type { LiveEvents } from './live-events';
import type { Runner } from './runner';

/** How often it is looked for the end of a run that another process carries out, when none has told of it. */
const LOOK_AGAIN_MS = 500;

/** Waits for the ends of runs, whoever carries them out. */
export class RunEnds {
  constructor(
    private readonly runner: Runner,
    private readonly finder: InstanceFinder,
    private readonly live: LiveEvents,
    private readonly clock: Clock,
  ) {}

  /** The instance as it is at its end, or as it is when the time is over. */
  async wait(instance: Instance, withinMs: number): Promise<Instance> {
    if (hasEnded(instance.status)) return instance;
    const until = this.clock.monotonicMs() + withinMs;
    const ended = await this.runner.ended(instance.id, withinMs);
    if (ended) return ended;
    const find = async () => (await this.finder.find(instance.domain, instance.id)) ?? instance;
    return this.runner.mail ? this.watch(instance, until, find) : find();
  }

  /** The end of a run that another process carries out is seen in its row. */
  private async watch({ id }: Instance, until: number, find: () => Promise<Instance>): Promise<Instance> {
    const watch = this.live.watch(id, ['events']);
    try {
      for (;;) {
        const found = await find();
        const leftMs = until - this.clock.monotonicMs();
        if (hasEnded(found.status) || leftMs <= 0) return found;
        await watch.next(Math.min(LOOK_AGAIN_MS, leftMs));
      }
    } finally {
      watch.stop();
    }
  }
}
