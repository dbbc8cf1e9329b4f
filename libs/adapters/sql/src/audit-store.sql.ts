import {
  AuditStore,
  type AuditChain,
  type AuditExtent,
  type AuditFilter,
  type AuditHead,
  type AuditRecord,
  type FinishedCommand,
} from '@flow/audit';
import { decodeCursor, encodeCursor, type DomainId, type Page, type PageRequest } from '@flow/kernel';
import { addRecords, headOf, headRowOf, recordOf } from './audit-rows';
import { AUDIT_HEADS, AUDIT_RECORDS } from './audit.entity';
import { inPieces } from './pieces';
import { isDuplicate, type Relational, type Tx } from './relational';

const marks = (values: readonly unknown[]) => values.map(() => '?').join(', ');

/** Audit records in the relational database. Whoever links holds the row of the head, so that others wait; (domain, sequence) is unique besides. */
export class SqlAuditStore extends AuditStore {
  constructor(private readonly relational: Relational) {
    super();
  }

  override async append(domain: DomainId, commands: readonly FinishedCommand[], chain: AuditChain): Promise<void> {
    const once = [...new Map(commands.map((command) => [command.id, command])).values()];
    try {
      await this.link(domain, () => Promise.resolve(once), chain);
    } catch (error) {
      // One stands already, or another process has just made the head: only then they are looked for.
      if (!isDuplicate(error)) throw error;
      await this.link(domain, (tx) => withoutStanding(tx, once), chain);
    }
  }

  override async extent(domain: DomainId): Promise<AuditExtent | undefined> {
    return this.relational.read(async (tx) => {
      const row = await tx.repository(AUDIT_HEADS).findOneBy({ domain });
      if (!row) return undefined;
      const [last] = await query<{ last: number | string | null }>(
        tx,
        'SELECT max(sequence) AS last FROM audit_records WHERE domain = ?',
        [domain],
      );
      return { head: headOf(row), last: Number(last?.last ?? 0) };
    });
  }

  override async behind(domain: DomainId, sequence: number, limit: number): Promise<readonly AuditRecord[]> {
    const rows = await this.relational.read((tx) =>
      tx
        .repository(AUDIT_RECORDS)
        .createQueryBuilder('one')
        .where('one.domain = :domain AND one.sequence > :sequence', { domain, sequence })
        .orderBy('one.sequence')
        .limit(limit)
        .getMany(),
    );
    return rows.map(recordOf);
  }

  override async list(domain: DomainId, filter: AuditFilter, page: PageRequest): Promise<Page<AuditRecord>> {
    const { principal, action, objectId, outcome, from, to } = filter;
    return this.relational.read(async (tx) => {
      const all = tx.repository(AUDIT_RECORDS).createQueryBuilder('one').where('one.domain = :domain', { domain });
      if (principal !== undefined) all.andWhere('one.principal = :principal', { principal });
      if (action !== undefined) all.andWhere('one.action = :action', { action });
      if (objectId !== undefined) all.andWhere('one.objectId = :objectId', { objectId });
      if (outcome !== undefined) all.andWhere('one.outcome = :outcome', { outcome });
      if (from !== undefined) all.andWhere('one.startedAt >= :from', { from: from.getTime() });
      if (to !== undefined) all.andWhere('one.startedAt < :to', { to: to.getTime() });
      const total = page.count ? await all.getCount() : undefined;
      if (page.cursor !== undefined)
        all.andWhere('one.sequence < :before', { before: Number(decodeCursor(page.cursor, ['number'])[0]) });
      const found = await all
        .orderBy('one.sequence', 'DESC')
        .limit(page.limit + 1)
        .getMany();
      const items = found.slice(0, page.limit);
      const last = items.at(-1);
      return {
        items: items.map(recordOf),
        nextCursor: found.length > page.limit && last ? encodeCursor([last.sequence]) : null,
        ...(total !== undefined && { total }),
      };
    });
  }

  override async untold(limit: number): Promise<readonly { readonly domain: DomainId; readonly told: number }[]> {
    const rows = await this.relational.read((tx) =>
      query<{ domain: DomainId; told: number | string }>(
        tx,
        `SELECT domain, told FROM audit_heads WHERE told < sequence ORDER BY domain LIMIT ${limit}`,
        [],
      ),
    );
    return rows.map(({ domain, told }) => ({ domain, told: Number(told) }));
  }

  override async markTold(domain: DomainId, sequence: number): Promise<void> {
    await this.relational.run('audit.tell', (tx) =>
      query(
        tx,
        `UPDATE audit_heads SET told = CASE WHEN sequence < ? THEN sequence ELSE ? END WHERE domain = ? AND told < ?`,
        [sequence, sequence, domain, sequence],
      ),
    );
  }

  override async outdated(before: Date, limit: number): Promise<readonly DomainId[]> {
    const rows = await this.relational.read((tx) =>
      query<{ domain: DomainId }>(
        tx,
        `SELECT h.domain AS domain FROM audit_heads AS h
           JOIN audit_records AS r ON r.domain = h.domain AND r.sequence = h.base_sequence + 1
         WHERE r.ended_at < ? ORDER BY h.domain LIMIT ${limit}`,
        [before.getTime()],
      ),
    );
    return rows.map(({ domain }) => domain);
  }

  override async removeOldest(domain: DomainId, before: Date, limit: number, chain: AuditChain): Promise<number> {
    return this.relational.run('audit.purge', async (tx) => {
      const head = await lockedHead(tx, domain);
      if (!head) return 0;
      const rows = await query<{ sequence: number | string; hash: string; endedAt: number | string }>(
        tx,
        `SELECT sequence, hash, ended_at AS endedAt FROM audit_records
         WHERE domain = ? AND sequence > ? ORDER BY sequence LIMIT ${limit}`,
        [domain, head.base.sequence],
      );
      // A gap is left for whoever verifies.
      const kept = rows.findIndex(
        ({ sequence, endedAt }, i) =>
          Number(endedAt) >= before.getTime() || Number(sequence) !== head.base.sequence + 1 + i,
      );
      const gone = kept < 0 ? rows : rows.slice(0, kept);
      const last = gone.at(-1);
      if (!last) return 0;
      const base = { sequence: Number(last.sequence), hash: last.hash };
      await query(tx, 'DELETE FROM audit_records WHERE domain = ? AND sequence <= ?', [domain, base.sequence]);
      await tx.repository(AUDIT_HEADS).update({ domain }, headRowOf(chain.sealed(domain, head, base)));
      return gone.length;
    });
  }

  private async link(
    domain: DomainId,
    fresh: (tx: Tx) => Promise<readonly FinishedCommand[]>,
    chain: AuditChain,
  ): Promise<void> {
    await this.relational.run('audit.append', async (tx) => {
      const standing = await lockedHead(tx, domain);
      const { records, head } = chain.link(standing ?? chain.beginning(domain), await fresh(tx));
      if (records.length === 0) return;
      const heads = tx.repository(AUDIT_HEADS);
      if (standing) await heads.update({ domain }, headRowOf(head));
      else await heads.insert({ ...headRowOf(head), domain, told: 0 });
      await addRecords(tx, records);
    });
  }
}

/** The row is this transaction's from now on: an update takes it, whatever it changes. */
async function lockedHead(tx: Tx, domain: DomainId): Promise<AuditHead | undefined> {
  await query(tx, 'UPDATE audit_heads SET told = told WHERE domain = ?', [domain]);
  const row = await tx.repository(AUDIT_HEADS).findOneBy({ domain });
  return row ? headOf(row) : undefined;
}

async function withoutStanding(tx: Tx, commands: readonly FinishedCommand[]): Promise<readonly FinishedCommand[]> {
  const standing = new Set<string>();
  for (const some of inPieces(commands))
    for (const { id } of await query<{ id: string }>(
      tx,
      `SELECT id FROM audit_records WHERE id IN (${marks(some)})`,
      some.map(({ id }) => id),
    ))
      standing.add(id);
  return commands.filter(({ id }) => !standing.has(id));
}

function query<Row>(tx: Tx, sql: string, values: readonly unknown[]): Promise<readonly Row[]> {
  return tx.repository(AUDIT_RECORDS).query(sql, [...values]);
}
