import { SlotStore, type Instance, type SlotGroup, type SlotHolder, type SlotWaiter } from '@flow/instances';
import { turnOf, type DomainId, type InstanceId } from '@flow/kernel';
import type { Filter, FindCursor } from './driver';
import { FIRST_ENDED_CODE, type InstanceDoc } from './collections';
import { instanceFrom, slotGroupOf, slotText } from './instance.docs';
import type { Mongo } from './mongo';

/** Slots: fields of the headers of live instances, written with them. */
export class MongoSlotStore extends SlotStore {
  constructor(private readonly mongo: Mongo) {
    super();
  }

  override async holders(group: SlotGroup, limit: number): Promise<readonly SlotHolder[]> {
    const rows = await this.inTurn({ slotWaits: 0, slot: textOf(group) }, limit);
    return rows.map(({ id, createdAt }) => ({ id, at: Date.parse(createdAt) }));
  }

  override async waiters(group: SlotGroup, limit: number): Promise<readonly SlotWaiter[]> {
    const rows = await this.inTurn({ slotWaits: 1, slot: textOf(group) }, limit);
    return rows.map(({ id, createdAt, priority }) => ({ id, at: Date.parse(createdAt), priority }));
  }

  override async ahead(group: SlotGroup, of: SlotWaiter): Promise<number> {
    const turn = turnOf(of);
    return this.mongo.read(() =>
      this.instances.countDocuments({
        slotWaits: 1,
        slot: textOf(group),
        slotTurn: { $lte: turn },
        $or: [{ slotTurn: { $lt: turn } }, { slotTurn: turn, _id: { $lt: of.id } }],
      }),
    );
  }

  /** The next group is one step down the index, however many wait in the one before. */
  override async waited(after: SlotGroup | null, limit: number): Promise<readonly SlotGroup[]> {
    const groups: SlotGroup[] = [];
    for (let last = after ? textOf(after) : ''; groups.length < limit;) {
      const row = await this.mongo.read(() =>
        this.instances
          .find({ slotWaits: 1, slot: { $gt: last } })
          .sort({ slot: 1, slotTurn: 1, _id: 1 })
          .limit(1)
          .next(),
      );
      if (!row?.slot) break;
      last = row.slot;
      groups.push(slotGroupOf(last));
    }
    return groups;
  }

  override async waiting(): Promise<number> {
    return this.mongo.read(() => this.instances.countDocuments({ slotWaits: 1 }));
  }

  override async live(domain: DomainId, without: readonly InstanceId[]): Promise<number> {
    const live: Filter<InstanceDoc> = { listed: domain, status: { $lt: FIRST_ENDED_CODE } };
    const [all, left] = await this.mongo.read(() =>
      Promise.all([
        this.instances.countDocuments(live),
        without.length === 0 ? 0 : this.instances.countDocuments({ _id: { $in: [...without] }, ...live }),
      ]),
    );
    return all - left;
  }

  private get instances() {
    return this.mongo.collection('instances');
  }

  private async inTurn(of: Filter<InstanceDoc>, limit: number): Promise<readonly Instance[]> {
    const rows: FindCursor<InstanceDoc> = this.instances.find(of).sort({ slotTurn: 1, _id: 1 });
    if (Number.isFinite(limit)) rows.limit(limit);
    return (await this.mongo.read(() => rows.toArray())).map(instanceFrom);
  }
}

function textOf({ domain, dagId, key }: SlotGroup): string {
  return slotText(domain, dagId, key);
}
