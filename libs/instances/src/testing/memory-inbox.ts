import { Inbox, type InboxItem, type InboxOutcome } from '@flow/instances';
import type { InstanceId } from '@flow/kernel';
import { atOnce, type Ask, type MemoryGround } from './memory-ground';

/** Inbox items in a MemoryGround. */
export class MemoryInbox extends Inbox {
  constructor(
    private readonly ground: MemoryGround,
    private readonly ask: Ask = atOnce,
  ) {
    super();
  }

  override insert(item: InboxItem): Promise<boolean> {
    const text = JSON.stringify(item);
    return this.ask('inbox.insert', true, () => {
      if (this.ground.inbox.has(item.id)) return false;
      this.ground.inbox.set(item.id, { item: JSON.parse(text) as InboxItem, outcome: null });
      return true;
    });
  }

  override settle(ids: readonly string[], outcome: InboxOutcome): Promise<void> {
    return this.ask('inbox.settle', true, () => {
      for (const id of ids) {
        const doc = this.ground.inbox.get(id);
        if (doc) doc.outcome ??= outcome;
      }
    });
  }

  override unsettled(instance: InstanceId): Promise<readonly InboxItem[]> {
    return this.ask('inbox.unsettled', false, () => this.open().filter((item) => item.instance === instance));
  }

  override waiting(afterId: InstanceId | null, limit: number): Promise<readonly InstanceId[]> {
    return this.ask('inbox.waiting', false, () =>
      [...new Set(this.open().map(({ instance }) => instance))]
        .filter((id) => afterId === null || id > afterId)
        .sort()
        .slice(0, limit),
    );
  }

  private open(): InboxItem[] {
    return [...this.ground.inbox.values()]
      .flatMap(({ item, outcome }) => (outcome === null ? [item] : []))
      .sort((a, b) => (a.id < b.id ? -1 : 1));
  }
}
