import { Inbox, type InboxItem, type InboxOutcome } from '@flow/instances';
import type { InstanceId } from '@flow/kernel';
import { isDuplicate, type Mongo } from './mongo';

/** Wishes for instances. `open` names the instance until there is an outcome, so that the index of open items stays short. */
export class MongoInbox extends Inbox {
  constructor(private readonly mongo: Mongo) {
    super();
  }

  override async insert({ id, instance, event }: InboxItem): Promise<boolean> {
    try {
      await this.mongo.write('inbox.insert', () =>
        this.items.insertOne({ _id: id, instance, event: JSON.stringify(event), open: instance }),
      );
      return true;
    } catch (error) {
      if (isDuplicate(error)) return false;
      throw error;
    }
  }

  override async settle(ids: readonly string[], outcome: InboxOutcome): Promise<void> {
    if (ids.length === 0) return;
    await this.mongo.write('inbox.settle', () =>
      this.items.updateMany(
        { _id: { $in: [...ids] }, open: { $exists: true } },
        { $set: { outcome }, $unset: { open: '' } },
      ),
    );
  }

  override async unsettled(instance: InstanceId): Promise<readonly InboxItem[]> {
    const found = await this.mongo.read(() => this.items.find({ open: instance }).sort({ _id: 1 }).toArray());
    return found.map(({ _id, event }) => ({ id: _id, instance, event: JSON.parse(event) as InboxItem['event'] }));
  }

  override async waiting(afterId: InstanceId | null, limit: number): Promise<readonly InstanceId[]> {
    const ids: InstanceId[] = [];
    for (let after: string = afterId ?? ''; ids.length < limit;) {
      const next = await this.mongo.read(() =>
        this.items
          .find({ open: { $gt: after } })
          .sort({ open: 1, _id: 1 })
          .limit(1)
          .next(),
      );
      if (next?.open === undefined) break;
      after = next.open;
      ids.push(after as InstanceId);
    }
    return ids;
  }

  private get items() {
    return this.mongo.collection('inbox');
  }
}
