import { SlotStore, hasEnded, type Instance, type SlotGroup, type SlotHolder, type SlotWaiter } from '@flow/instances';
import { turnOf, type DomainId, type InstanceId } from '@flow/kernel';
import { atOnce, type Ask, type MemoryGround } from './memory-ground';

/** SlotStore in memory, by the headers of live instances. */
export class MemorySlotStore extends SlotStore {
  constructor(
    private readonly ground: MemoryGround,
    private readonly ask: Ask = atOnce,
  ) {
    super();
  }

  override holders(group: SlotGroup, limit: number): Promise<readonly SlotHolder[]> {
    return this.ask('slots.holders', false, () =>
      this.of(group, false)
        .map(({ id, createdAt }) => ({ id, at: Date.parse(createdAt) }))
        .sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1))
        .slice(0, limit),
    );
  }

  override waiters(group: SlotGroup, limit: number): Promise<readonly SlotWaiter[]> {
    return this.ask('slots.waiters', false, () => this.waitersOf(group).slice(0, limit));
  }

  override ahead(group: SlotGroup, of: SlotWaiter): Promise<number> {
    return this.ask('slots.ahead', false, () => this.waitersOf(group).filter((one) => inTurn(one, of) < 0).length);
  }

  override waited(after: SlotGroup | null, limit: number): Promise<readonly SlotGroup[]> {
    return this.ask('slots.waited', false, () => {
      const groups = this.unended().flatMap((one) => (one.slot?.queued ? [groupOf(one)] : []));
      const byText = new Map(groups.map((group) => [textOf(group), group]));
      return [...byText]
        .filter(([text]) => after === null || text > textOf(after))
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .slice(0, limit)
        .map(([, group]) => group);
    });
  }

  override waiting(): Promise<number> {
    return this.ask('slots.waiting', false, () => this.unended().filter(({ slot }) => slot?.queued).length);
  }

  override live(domain: DomainId, without: readonly InstanceId[]): Promise<number> {
    return this.ask('slots.live', false, () => {
      const counts = (one: Instance) => one.domain === domain && !one.debug && !without.includes(one.id);
      return this.unended().filter(counts).length;
    });
  }

  private unended(): readonly Instance[] {
    const all = [...this.ground.instances.values()].map(({ text }) => JSON.parse(text) as Instance);
    return all.filter(({ status }) => !hasEnded(status));
  }

  private of(group: SlotGroup, isQueued: boolean): readonly Instance[] {
    const isOfGroup = (one: Instance) =>
      one.slot?.queued === isQueued && !one.debug && textOf(groupOf(one)) === textOf(group);
    return this.unended().filter(isOfGroup);
  }

  private waitersOf(group: SlotGroup): SlotWaiter[] {
    return this.of(group, true)
      .map(({ id, createdAt, priority }) => ({ id, at: Date.parse(createdAt), priority }))
      .sort(inTurn);
  }
}

function inTurn(a: SlotWaiter, b: SlotWaiter): number {
  return turnOf(a) - turnOf(b) || (a.id < b.id ? -1 : 1);
}

function groupOf({ domain, dagId, slot }: Instance): SlotGroup {
  return { domain, dagId, key: slot?.key ?? '' };
}

function textOf({ domain, dagId, key }: SlotGroup): string {
  return `${domain}\u0001${dagId}\u0001${key}`;
}
