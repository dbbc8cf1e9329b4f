import { SlotTickets, type SlotGroup, type SlotTicket } from '@flow/instances';
import type { InstanceId } from '@flow/kernel';
import { atOnce, type Ask, type MemoryGround } from './memory-ground';

/** SlotTickets in memory: as documents with a unique key, of which one request makes or removes one. */
export class MemorySlotTickets extends SlotTickets {
  constructor(
    private readonly ground: MemoryGround,
    private readonly ask: Ask = atOnce,
  ) {
    super();
  }

  override take(group: SlotGroup, id: InstanceId, max: number): Promise<boolean> {
    return this.ask('tickets.take', true, () => {
      const { tickets } = this.ground;
      const taken = [...tickets.values()].filter((ticket) => isSame(ticket.group, group));
      if (!tickets.has(id) && taken.length < max) tickets.set(id, { id, group });
      return tickets.has(id);
    });
  }

  override giveBack(id: InstanceId): Promise<void> {
    return this.ask('tickets.giveBack', true, () => void this.ground.tickets.delete(id));
  }

  override page(afterId: InstanceId | null, limit: number): Promise<readonly SlotTicket[]> {
    return this.ask('tickets.page', false, () =>
      [...this.ground.tickets.values()]
        .filter(({ id }) => afterId === null || id > afterId)
        .sort((a, b) => (a.id < b.id ? -1 : 1))
        .slice(0, limit),
    );
  }
}

function isSame(a: SlotGroup, b: SlotGroup): boolean {
  return a.domain === b.domain && a.dagId === b.dagId && a.key === b.key;
}
