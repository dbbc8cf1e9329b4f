import {
  DeliveryStore,
  hostOf,
  laneOf,
  type DeadLetter,
  type DeadLetterFilter,
  type Delivery,
  type DeliveryState,
  type DeliveryStatus,
  type FailedAttempt,
  type NewDelivery,
  type TakenAttempt,
  type WaitingLane,
  type WholeDeadLetter,
} from '@flow/deliveries';
import { decodeCursor, encodeCursor, type DomainId, type Page, type PageRequest } from '@flow/kernel';
import type { Filter } from './driver';
import type { DeliveryDoc } from './collections';
import { isDuplicate, type Mongo } from './mongo';

export const STATUS_CODE: Readonly<Record<DeliveryStatus, number>> = { pending: 0, delivered: 1, dead: 2 };
export const STATUSES = Object.keys(STATUS_CODE) as DeliveryStatus[];
const { pending, delivered, dead } = STATUS_CODE;
const NO_LETTER = { dead: '', diedMs: '', host: '', letterUrl: '', letterAttempts: '', letterError: '' } as const;

/** Deliveries and dead letters: one document for both, so that every step is one update of it. */
export class MongoDeliveryStore extends DeliveryStore {
  constructor(private readonly mongo: Mongo) {
    super();
  }

  override async add(delivery: NewDelivery, at: Date): Promise<void> {
    const { id, domain, instance, url, body, traceparent } = delivery;
    const [createdMs, lane] = [at.getTime(), laneOf(delivery)];
    const fresh = { domain, instance, status: pending, url, attempts: 0, createdMs, nextMs: createdMs, lane };
    const trace = traceparent === undefined ? {} : { traceparent };
    try {
      await this.mongo.write('delivery.add', () =>
        this.all.insertOne({ _id: id, ...fresh, lastError: null, body, ...trace }),
      );
    } catch (error) {
      if (!isDuplicate(error)) throw error;
    }
  }

  override async stateOf(domain: DomainId, instance: string): Promise<DeliveryState | undefined> {
    const row = await this.mongo.read(() => this.all.findOne({ instance, domain }));
    if (!row) return undefined;
    const { status, url, attempts, nextMs, lastError } = row;
    const nextAt = nextMs === undefined ? null : timeFrom(nextMs);
    return { status: STATUSES[status] ?? 'pending', url, attempts, nextAt, lastError };
  }

  /** From one lane to the next by the index, whatever waits in each. */
  override async lanes(): Promise<readonly WaitingLane[]> {
    const lanes: WaitingLane[] = [];
    for (let after = ''; ;) {
      const first = await this.first({ lane: { $gt: after } });
      if (first?.lane === undefined) return lanes;
      after = first.lane;
      lanes.push({ lane: after, nextAt: new Date(Number(first.nextMs)) });
    }
  }

  override async due(lane: string, now: Date, limit: number): Promise<readonly Delivery[]> {
    const rows = await this.mongo.read(() =>
      this.all
        .find({ lane, nextMs: { $lte: now.getTime() } })
        .sort({ nextMs: 1, createdMs: 1, _id: 1 })
        .limit(limit)
        .toArray(),
    );
    return rows.map(({ _id, domain, instance, url, body = '', attempts, traceparent }) => ({
      ...{ id: _id, domain: domain as DomainId, instance, url, body, attempts },
      ...(traceparent !== undefined && { traceparent }),
    }));
  }

  /** Due again at another moment: nobody else sees it as it was read. */
  override async take(id: string, { attempts, now, until }: TakenAttempt): Promise<boolean> {
    const { matchedCount } = await this.mongo.write('delivery.take', () =>
      this.all.updateOne(
        { _id: id, status: pending, attempts, nextMs: { $lte: now.getTime() } },
        { $set: { nextMs: until.getTime() } },
      ),
    );
    return matchedCount === 1;
  }

  override async nextIn(lane: string): Promise<Date | undefined> {
    const first = await this.first({ lane });
    return first?.nextMs === undefined ? undefined : new Date(first.nextMs);
  }

  override async settle(id: string, attempts: number): Promise<void> {
    await this.mongo.write('delivery.settle', () =>
      this.all.updateOne(
        { _id: id, status: pending },
        {
          $set: { status: delivered, attempts, lastError: null },
          $unset: { lane: '', nextMs: '', body: '' },
        },
      ),
    );
  }

  override async postpone(id: string, { attempts, nextAt, lastError }: FailedAttempt): Promise<void> {
    await this.mongo.write('delivery.postpone', () =>
      this.all.updateOne({ _id: id, status: pending }, { $set: { attempts, nextMs: nextAt.getTime(), lastError } }),
    );
  }

  override async bury(
    id: string,
    { attempts, lastError, at }: { attempts: number; lastError: string; at: Date },
  ): Promise<void> {
    const row = await this.mongo.read(() => this.all.findOne({ _id: id, status: pending }));
    if (!row) return;
    const { domain, url } = row;
    const letter = { dead: domain, diedMs: at.getTime(), host: hostOf(url), letterUrl: url };
    await this.mongo.write('delivery.bury', () =>
      this.all.updateOne(
        { _id: id, status: pending },
        {
          $set: {
            ...{ status: dead, attempts, lastError, ...letter },
            ...{ letterAttempts: attempts, letterError: lastError },
          },
          $unset: { lane: '', nextMs: '' },
        },
      ),
    );
  }

  override async counts(): Promise<{ pending: number; dead: number }> {
    const [waiting, letters] = await this.mongo.read(() =>
      Promise.all([this.all.countDocuments({ lane: { $gt: '' } }), this.all.countDocuments({ dead: { $gt: '' } })]),
    );
    return { pending: waiting, dead: letters };
  }

  override async deadLetters(domain: DomainId, filter: DeadLetterFilter, page: PageRequest): Promise<Page<DeadLetter>> {
    const all: Filter<DeliveryDoc> = { dead: domain, ...filter };
    const [ms, id] =
      page.cursor === undefined ? [Number.MAX_SAFE_INTEGER, ''] : decodeCursor(page.cursor, ['number', 'string']);
    const [beforeMs, beforeId] = [Number(ms), String(id)];
    const rows = await this.mongo.read(() =>
      this.all
        .find({
          ...all,
          diedMs: { $lte: beforeMs },
          $or: [{ diedMs: { $lt: beforeMs } }, { diedMs: beforeMs, _id: { $lt: beforeId } }],
        })
        .sort({ diedMs: -1, _id: -1 })
        .limit(page.limit + 1)
        .toArray(),
    );
    const shown = rows.slice(0, page.limit);
    const last = rows.length > page.limit ? shown.at(-1) : undefined;
    const total = page.count && (await this.mongo.read(() => this.all.countDocuments(all)));
    return {
      items: shown.map(letterFrom),
      nextCursor: last ? encodeCursor([Number(last.diedMs), last._id]) : null,
      ...(page.count && { total: Number(total) }),
    };
  }

  override async deadLetter(domain: DomainId, id: string): Promise<WholeDeadLetter | undefined> {
    const row = await this.mongo.read(() => this.all.findOne({ _id: id, dead: domain }));
    return row ? { ...letterFrom(row), body: row.body ?? '' } : undefined;
  }

  override async redirect(domain: DomainId, id: string, url: string): Promise<boolean> {
    const { matchedCount } = await this.mongo.write('delivery.redirect', () =>
      this.all.updateOne({ _id: id, dead: domain }, { $set: { letterUrl: url, host: hostOf(url) } }),
    );
    return matchedCount === 1;
  }

  override async redrive(domain: DomainId, id: string, at: Date): Promise<string | undefined> {
    const row = await this.mongo.read(() => this.all.findOne({ _id: id, dead: domain }));
    if (row?.letterUrl === undefined) return undefined;
    const url = row.letterUrl;
    const lane = laneOf({ domain, url });
    const { matchedCount } = await this.mongo.write('delivery.redrive', () =>
      this.all.updateOne(
        { _id: id, dead: domain, letterUrl: url },
        {
          $set: { status: pending, lane, url, attempts: 0, nextMs: at.getTime(), lastError: null },
          $unset: NO_LETTER,
        },
      ),
    );
    return matchedCount === 1 ? lane : undefined;
  }

  override async remove(domain: DomainId, id: string): Promise<boolean> {
    const { matchedCount } = await this.mongo.write('delivery.remove', () =>
      this.all.updateOne({ _id: id, dead: domain }, { $unset: { ...NO_LETTER, body: '' } }),
    );
    return matchedCount === 1;
  }

  private get all() {
    return this.mongo.collection('deliveries');
  }

  private first(of: Filter<DeliveryDoc>): Promise<DeliveryDoc | null> {
    return this.mongo.read(() => this.all.find(of).sort({ lane: 1, nextMs: 1, createdMs: 1, _id: 1 }).limit(1).next());
  }
}

function letterFrom(row: DeliveryDoc): DeadLetter {
  return {
    id: row._id,
    domain: row.domain as DomainId,
    instance: row.instance,
    url: row.letterUrl ?? row.url,
    attempts: row.letterAttempts ?? row.attempts,
    lastError: row.letterError ?? '',
    createdAt: timeFrom(row.createdMs),
    diedAt: timeFrom(row.diedMs ?? 0),
  };
}

function timeFrom(ms: number): string {
  return new Date(ms).toISOString();
}
