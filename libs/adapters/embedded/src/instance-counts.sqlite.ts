import type { Database } from '@flow/adapters/sqlite';
import { InstanceCounts, LIVE_STATUSES, type EndedCount, type LiveStatus } from '@flow/instances';
import { END_STATUSES, type DomainId } from '@flow/kernel';
import { STATUS_CODE } from './instances.schema';

const MINUTE_MS = 60_000;

export const LIVE = `SELECT count(*) AS n FROM (
  SELECT 1 FROM instances INDEXED BY instances_by_status WHERE domain = ? AND status = ? LIMIT ?)`;
export const ENDED = `SELECT ended_ms / ${MINUTE_MS} AS minute, status, count(*) AS n FROM (
  SELECT ended_ms, status FROM ended_runs INDEXED BY ended_runs_by_end
  WHERE domain = ? AND ended_ms >= ? ORDER BY ended_ms DESC LIMIT ?) GROUP BY 1, 2`;

/** Counts within indexes of `documents.db`, no further than they are asked to. */
export class SqliteInstanceCounts extends InstanceCounts {
  constructor(private readonly db: Database) {
    super();
  }

  override async live(domain: DomainId, limit: number): Promise<Readonly<Record<LiveStatus, number>>> {
    const counted = LIVE_STATUSES.map((status) => [
      status,
      Number(this.db.get(LIVE, domain, STATUS_CODE[status], limit)?.n),
    ]);
    return Object.fromEntries(counted) as Record<LiveStatus, number>;
  }

  override async ended(domain: DomainId, since: Date, limit: number): Promise<readonly EndedCount[]> {
    return this.db.all(ENDED, domain, since.getTime(), limit).flatMap(({ minute, status, n }) => {
      const found = END_STATUSES.find((one) => STATUS_CODE[one] === status);
      return found ? [{ minute: new Date(Number(minute) * MINUTE_MS), status: found, count: Number(n) }] : [];
    });
  }
}
