import type { RunEvent } from '@flow/engine';
import type { Clock, IdGenerator, InstanceId } from '@flow/kernel';
import type { Inbox } from './inbox.store';
import { hasEnded, type Instance } from './instance';
import type { InstanceStore } from './instance.store';
import type { LiveEvents, Watch } from './live-events';
import type { RunMail, Runner, Wish } from './runner';
import type { WorkerBell } from './worker-bell';

/** How long whoever asks waits until another process has acted on it, and how often it looks when it does not hear of that. */
const LONGEST_ACT_MS = 2_000;
const LOOK_AGAIN_MS = 200;

/**
 * What workers want from one another's runs. A wish is inserted first; then its sender reads who holds the run and rings there, and whoever
 * lets go of a run reads its inbox after the rows say so. So one of the two sees the other; a sweep finds what both have missed.
 */
export class RunInbox implements RunMail {
  constructor(
    private readonly inbox: Inbox,
    private readonly store: InstanceStore,
    private readonly runner: Runner,
    private readonly bell: WorkerBell,
    private readonly live: LiveEvents,
    private readonly clock: Clock,
    private readonly ids: IdGenerator,
    private readonly onFault: (error: unknown) => void,
  ) {}

  async send(
    id: InstanceId,
    event: RunEvent,
    { key, isForUnborn = false, isAwaited = false }: Wish = { key: this.ids.next<string>(), isAwaited: true },
  ): Promise<Instance | undefined> {
    const before = isForUnborn ? undefined : await this.store.header(id);
    if (!isForUnborn && (!before || hasEnded(before.instance.status))) return undefined;
    const watch = isAwaited ? this.live.watch(id, ['events']) : undefined;
    try {
      const isNew = await this.inbox.insert({ id: key, instance: id, event });
      await this.pass(id);
      if (watch && !this.runner.holds(id)) await this.acted(id, key, before?.seq, watch);
      return isNew ? (await this.store.header(id))?.instance : undefined;
    } finally {
      watch?.stop();
    }
  }

  look(id: InstanceId): void {
    this.pass(id).catch((error: unknown) => this.onFault(error));
  }

  /** Acts on what stands there if the run is held here or by nobody and can be taken up; tells those who can otherwise. */
  async pass(id: InstanceId): Promise<void> {
    for (;;) {
      const held = this.runner.holding(id);
      const items = await this.inbox.unsettled(id);
      if (items.length === 0) return;
      // What was read before this very hold may have been acted on in the one before.
      if (held && this.runner.holding(id) === held) return this.runner.consume(held, items);
      if (!(await this.runner.reach(id))) break;
    }
    const header = await this.store.header(id);
    if (!header) return;
    if (hasEnded(header.instance.status)) await this.settleRest(id);
    else if (header.owner === null) await this.runner.passOn(header);
    else if (header.owner !== this.runner.workerId) this.bell.ring(header.owner, id);
  }

  ended(id: InstanceId): void {
    this.settleRest(id).catch((error: unknown) => this.onFault(error));
  }

  /** Instances in whose inboxes something stands, `limit` at most; each is passed on to whoever acts on it. */
  async sweep(afterId: InstanceId | null, limit: number): Promise<readonly InstanceId[]> {
    const ids = await this.inbox.waiting(afterId, limit);
    for (const id of ids) await this.pass(id);
    return ids;
  }

  /**
   * Resolves when this item has its outcome and the rows say what came of it, or a little later when nobody acts on it: it is durable, and will be
   * acted on. An item gets its outcome before the header is written, so that one has to move as well.
   */
  private async acted(id: InstanceId, key: string, seqBefore: number | undefined, watch: Watch): Promise<void> {
    const until = this.clock.monotonicMs() + LONGEST_ACT_MS;
    const isOpen = async () => (await this.inbox.unsettled(id)).some((item) => item.id === key);
    const stands = async () => (await this.store.header(id))?.seq === seqBefore;
    do await watch.next(LOOK_AGAIN_MS);
    while (this.clock.monotonicMs() < until && ((await isOpen()) || (await stands())));
  }

  private async settleRest(id: InstanceId): Promise<void> {
    const items = await this.inbox.unsettled(id);
    if (items.length > 0)
      await this.inbox.settle(
        items.map((item) => item.id),
        'late',
      );
  }
}
