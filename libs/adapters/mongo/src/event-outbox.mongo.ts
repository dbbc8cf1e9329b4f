import { EventOutbox, type EventBacklog, type EventTopic, type WaitingEvent } from '@flow/events';
import type { EventDoc } from './collections';
import { isDuplicate, type Mongo } from './mongo';

const LEADER_ID = 'leader';
/** Racing writers of the same events: who comes second finds them, and goes on behind them. */
const MOST_RACES = 20;

/**
 * Puts events where none stands, one after another: whoever reads meanwhile sees of each key its first ones only. Two processes may write the same ones
 * at once, when one takes over the log of the other.
 */
export async function putEvents(mongo: Mongo, events: readonly WaitingEvent[]): Promise<void> {
  if (events.length === 0) return;
  const operations = events.map((event) => {
    const { _id, ...doc } = eventDocFrom(event);
    return { updateOne: { filter: { _id }, update: { $setOnInsert: doc }, upsert: true } };
  });
  await mongo.write('event.put', async () => {
    for (let race = 1; ; race += 1)
      try {
        await mongo.collection('events').bulkWrite(operations, { ordered: true });
        return;
      } catch (error) {
        if (!isDuplicate(error) || race === MOST_RACES) throw error;
      }
  });
}

/** Events that wait: a document each; `MongoInstanceStore` puts them there. Who tells them is a document of its own. */
export class MongoEventOutbox extends EventOutbox {
  constructor(private readonly mongo: Mongo) {
    super();
  }

  /** By the clocks of the processes: where these differ, two tell for a while, which repeats events and does no more. */
  override async lead(holder: string, now: Date, until: Date): Promise<boolean> {
    const isFree = { $or: [{ holder }, { untilMs: { $lte: now.getTime() } }] };
    try {
      const { matchedCount, upsertedCount } = await this.mongo.write('event.lead', () =>
        this.mongo
          .collection('event_leaders')
          .updateOne({ _id: LEADER_ID, ...isFree }, { $set: { holder, untilMs: until.getTime() } }, { upsert: true }),
      );
      return matchedCount + upsertedCount === 1 && until > now;
    } catch (error) {
      // It is another's: the insert in its place meets what stands.
      if (isDuplicate(error)) return false;
      throw error;
    }
  }

  override put(events: readonly WaitingEvent[]): Promise<void> {
    return putEvents(this.mongo, events);
  }

  override async waiting(topic: EventTopic, limit: number): Promise<readonly WaitingEvent[]> {
    const rows = await this.mongo.read(() => this.events.find({ topic }).sort({ _id: 1 }).limit(limit).toArray());
    return rows.map(waitingEventFrom);
  }

  override async settle(ids: readonly string[]): Promise<void> {
    await this.mongo.write('event.settle', () => this.events.deleteMany({ _id: { $in: [...ids] } }));
  }

  override async backlog(): Promise<EventBacklog> {
    const [count, oldest] = await this.mongo.read(() =>
      Promise.all([this.events.estimatedDocumentCount(), this.events.find().sort({ atMs: 1 }).limit(1).next()]),
    );
    return { count, oldestAt: oldest ? new Date(oldest.atMs) : undefined };
  }

  private get events() {
    return this.mongo.collection('events');
  }
}

export function eventDocFrom({ id, topic, key, at, ...rest }: WaitingEvent): EventDoc {
  return { _id: id, topic, key, atMs: at, ...rest };
}

export function waitingEventFrom({ _id, topic, key, atMs, ...rest }: EventDoc): WaitingEvent {
  return { id: _id, topic: topic as EventTopic, key, at: atMs, ...rest };
}
