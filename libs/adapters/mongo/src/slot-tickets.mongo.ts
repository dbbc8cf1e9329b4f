import { SlotTickets, type SlotGroup, type SlotTicket } from '@flow/instances';
import type { InstanceId } from '@flow/kernel';
import { slotGroupOf, slotText } from './instance.docs';
import { isDuplicate, type Mongo } from './mongo';

/** Tickets: one document an instance, and one a place within its group (both unique), so that an insert takes a slot or finds it taken. */
export class MongoSlotTickets extends SlotTickets {
  constructor(private readonly mongo: Mongo) {
    super();
  }

  override async take({ domain, dagId, key }: SlotGroup, id: InstanceId, max: number): Promise<boolean> {
    const slot = slotText(domain, dagId, key);
    for (;;) {
      const taken = await this.mongo.read(() => this.tickets.find({ slot }).toArray());
      if (taken.some(({ _id }) => _id === id)) return true;
      if (taken.length >= max) return false;
      const places = new Set(taken.map(({ place }) => place));
      let place = 0;
      while (places.has(place)) place += 1;
      try {
        await this.mongo.write('ticket.take', () => this.tickets.insertOne({ _id: id, slot, place }));
        return true;
      } catch (error) {
        if (!isDuplicate(error)) throw error;
        // Somebody was first; or it has one of another group, since its key was another when it was asked for the first time.
        if (await this.mongo.read(() => this.tickets.findOne({ _id: id }))) return true;
      }
    }
  }

  override async giveBack(id: InstanceId): Promise<void> {
    await this.mongo.write('ticket.give_back', () => this.tickets.deleteOne({ _id: id }));
  }

  override async page(afterId: InstanceId | null, limit: number): Promise<readonly SlotTicket[]> {
    const rows = await this.mongo.read(() =>
      this.tickets
        .find(afterId === null ? {} : { _id: { $gt: afterId } })
        .sort({ _id: 1 })
        .limit(limit)
        .toArray(),
    );
    return rows.map(({ _id, slot }) => ({
      id: _id as InstanceId,
      group: slotGroupOf(slot),
    }));
  }

  private get tickets() {
    return this.mongo.collection('slot_tickets');
  }
}
