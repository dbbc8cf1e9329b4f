import { InstanceCounts, LIVE_STATUSES, type EndedCount, type LiveStatus } from '@flow/instances';
import { END_STATUSES, type DomainId } from '@flow/kernel';
import { STATUS_CODE } from './collections';
import type { Mongo } from './mongo';

const MINUTE_MS = 60_000;

interface Counted {
  readonly _id: { readonly minute: number; readonly status: number };
  readonly count: number;
}

/** Counts within indexes, no further than it is asked to. */
export class MongoInstanceCounts extends InstanceCounts {
  constructor(private readonly mongo: Mongo) {
    super();
  }

  override async live(domain: DomainId, limit: number): Promise<Readonly<Record<LiveStatus, number>>> {
    const counted = LIVE_STATUSES.map(async (status) => {
      const n = await this.mongo.read(() =>
        this.instances.countDocuments({ listed: domain, status: STATUS_CODE[status] }, { limit }),
      );
      return [status, n] as const;
    });
    return Object.fromEntries(await Promise.all(counted)) as Record<LiveStatus, number>;
  }

  override async ended(domain: DomainId, since: Date, limit: number): Promise<readonly EndedCount[]> {
    const minute = { $subtract: ['$endedMs', { $mod: ['$endedMs', MINUTE_MS] }] };
    const rows = await this.mongo.read(() =>
      this.instances
        .aggregate<Counted>([
          { $match: { ended: domain, endedMs: { $gte: since.getTime() } } },
          { $sort: { ended: -1, endedMs: -1, status: -1 } },
          { $limit: limit },
          { $project: { _id: 0, endedMs: 1, status: 1 } },
          { $group: { _id: { minute, status: '$status' }, count: { $sum: 1 } } },
        ])
        .toArray(),
    );
    return rows.flatMap(({ _id, count }) => {
      const status = END_STATUSES.find((one) => STATUS_CODE[one] === _id.status);
      return status ? [{ minute: new Date(_id.minute), status, count }] : [];
    });
  }

  private get instances() {
    return this.mongo.collection('instances');
  }
}
