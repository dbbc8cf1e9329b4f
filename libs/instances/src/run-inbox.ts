import type { RunEvent } from '@flow/engine';
import type { IdGenerator, InstanceId } from '@flow/kernel';
import type { Inbox } from './inbox.store';
import { hasEnded, type Instance } from './instance';
import type { InstanceStore } from './instance.store';
import type { RunMail, Runner, Wish } from './runner';
import type { WorkerBell } from './worker-bell';

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
    private readonly ids: IdGenerator,
    private readonly onFault: (error: unknown) => void,
  ) {}

  async send(
    id: InstanceId,
    event: RunEvent,
    { key, isForUnborn = false }: Wish = { key: this.ids.next<string>() },
  ): Promise<Instance | undefined> {
    if (!isForUnborn) {
      const header = await this.store.header(id);
      if (!header || hasEnded(header.instance.status)) return undefined;
    }
    const isNew = await this.inbox.insert({ id: key, instance: id, event });
    await this.pass(id);
    return isNew ? (await this.store.header(id))?.instance : undefined;
  }

  look(id: InstanceId): void {
    this.pass(id).catch((error: unknown) => this.onFault(error));
  }

  /** Acts on what stands there if the run is held here or by nobody; rings for it otherwise. */
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
    else if (header.owner !== null && header.owner !== this.runner.workerId) this.bell.ring(header.owner, id);
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

  private async settleRest(id: InstanceId): Promise<void> {
    const items = await this.inbox.unsettled(id);
    if (items.length > 0)
      await this.inbox.settle(
        items.map((item) => item.id),
        'late',
      );
  }
}
