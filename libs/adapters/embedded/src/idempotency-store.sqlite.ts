import type { Database, SqlValue } from '@flow/adapters/sqlite';
import {
  IDEMPOTENCY_KEEP_MS,
  IdempotencyStore,
  type IdempotencyScope,
  type IdempotencyStanding,
  type IdempotentRequest,
  type KeptAnswer,
} from '@flow/platform';

const AT = 'domain = ? AND principal = ? AND route = ? AND key = ?';

/** Idempotency keys in `documents.db` (`idempotency.schema.ts`). */
export class SqliteIdempotencyStore extends IdempotencyStore {
  constructor(private readonly db: Database) {
    super();
  }

  override async begin(request: IdempotentRequest): Promise<IdempotencyStanding> {
    const standing = this.standing(request);
    // Most repeats find an answer: they cost a read.
    if (standing && standing.kind !== 'resume') return standing;
    return this.db.transaction('idempotency.begin', () => {
      const now = this.standing(request);
      if (now?.kind === 'resume') {
        this.db.run(
          `UPDATE idempotency_keys SET holder = ?, lease_until_ms = ? WHERE ${AT}`,
          request.holder,
          request.now.getTime() + request.leaseMs,
          ...valuesOf(request),
        );
      } else if (now === undefined) {
        this.db.run(
          `INSERT OR REPLACE INTO idempotency_keys
             (domain, principal, route, key, body_hash, reserved_id, holder, lease_until_ms, begun_ms)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
          ...valuesOf(request),
          request.bodyHash,
          request.newId,
          request.holder,
          request.now.getTime() + request.leaseMs,
          request.now.getTime(),
        );
      }
      return now ?? { kind: 'new', reservedId: request.newId };
    });
  }

  override async finish(scope: IdempotencyScope, answer: KeptAnswer): Promise<void> {
    this.db.write(
      'idempotency.finish',
      `UPDATE idempotency_keys SET answer = ? WHERE ${AT} AND answer IS NULL`,
      JSON.stringify(answer),
      ...valuesOf(scope),
    );
  }

  override async forget(scope: IdempotencyScope): Promise<void> {
    this.db.write(
      'idempotency.forget',
      `DELETE FROM idempotency_keys WHERE ${AT} AND answer IS NULL`,
      ...valuesOf(scope),
    );
  }

  override async purge(now: Date, limit: number): Promise<number> {
    const { changes } = this.db.write(
      'idempotency.purge',
      `DELETE FROM idempotency_keys WHERE (domain, principal, route, key) IN
         (SELECT domain, principal, route, key FROM idempotency_keys WHERE begun_ms <= ? ORDER BY begun_ms LIMIT ?)`,
      now.getTime() - IDEMPOTENCY_KEEP_MS,
      limit,
    );
    return changes;
  }

  /** How the key stands for this request; undefined when it is free. Writes nothing. */
  private standing(request: IdempotentRequest): Exclude<IdempotencyStanding, { kind: 'new' }> | undefined {
    const row = this.db.get(`SELECT * FROM idempotency_keys WHERE ${AT}`, ...valuesOf(request));
    const nowMs = request.now.getTime();
    if (!row || Number(row.begun_ms) <= nowMs - IDEMPOTENCY_KEEP_MS) return undefined;
    if (row.body_hash !== request.bodyHash) return { kind: 'mismatch' };
    if (row.answer !== null) return { kind: 'done', answer: JSON.parse(String(row.answer)) as KeptAnswer };
    if (row.holder !== request.holder && Number(row.lease_until_ms) > nowMs) return { kind: 'in_progress' };
    return { kind: 'resume', reservedId: String(row.reserved_id) };
  }
}

function valuesOf({ domain, principal, route, key }: IdempotencyScope): SqlValue[] {
  return [domain, principal, route, key];
}
