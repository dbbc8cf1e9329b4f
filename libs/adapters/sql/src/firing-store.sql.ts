import {
  type DomainId,
  type FiringId,
  type JsonObject,
  type Page,
  type PageRequest,
  type TriggerId,
} from '@flow/kernel';
import {
  FiringStore,
  runOf,
  type Firing,
  type FiringFilter,
  type FiringOutcome,
  type FiringReason,
} from '@flow/triggers';
import { addFirings, firingOf, storedKey } from './firing-rows';
import { pageByNewest } from './pages';
import { inPieces } from './pieces';
import type { Relational, Tx } from './relational';
import { FIRINGS, type FiringRow } from './trigger.entity';

const marks = (values: readonly unknown[]) => values.map(() => '?').join(', ');

/** Firings in the relational database: a queue, and the history of it. */
export class SqlFiringStore extends FiringStore {
  private takes = 0;

  constructor(private readonly relational: Relational) {
    super();
  }

  override async accept(firings: readonly Firing[], owner: string, until: Date): Promise<ReadonlySet<FiringId>> {
    return this.relational.run('firing.accept', (tx) => addFirings(tx, firings, owner, until));
  }

  override async take(owner: string, now: Date, until: Date, limit: number): Promise<readonly Firing[]> {
    const free = `status = 'pending' AND due_at <= ? AND claimed_until <= ?`;
    const isNext = `(order_key = '' OR NOT EXISTS (SELECT 1 FROM firings AS before_it WHERE before_it.trigger_id = firings.trigger_id
      AND before_it.status = 'pending' AND before_it.order_key = firings.order_key AND before_it.id < firings.id))`;
    const at = now.getTime();
    // Whoever only looks writes nothing.
    const found = await this.relational.read((tx) =>
      query<{ id: FiringId }>(tx, `SELECT id FROM firings WHERE ${free} AND ${isNext} ORDER BY id LIMIT ${limit}`, [
        at,
        at,
      ]),
    );
    if (found.length === 0) return [];
    const ids = found.map(({ id }) => id);
    this.takes += 1;
    const mark = `${owner} ${this.takes}`;
    return this.relational.run('firing.take', async (tx) => {
      const taken: Firing[] = [];
      for (const some of inPieces(ids)) {
        await query(
          tx,
          `UPDATE firings SET claimed_by = ?, claimed_until = ? WHERE id IN (${marks(some)}) AND ${free}`,
          [mark, until.getTime(), ...some, at, at],
        );
        const rows = await tx.repository(FIRINGS).findBy(some.map((id) => ({ id, claimedBy: mark })));
        taken.push(...rows.map(firingOf));
      }
      return taken.sort((a, b) => (a.id < b.id ? -1 : 1));
    });
  }

  override async release(claims: { readonly by: string } | { readonly notBy: string }): Promise<void> {
    const own = 'by' in claims ? claims.by : claims.notBy;
    const isTheirs = `(claimed_by = ? OR claimed_by LIKE ?)`;
    await this.relational.run('firing.release', (tx) =>
      query(
        tx,
        `UPDATE firings SET claimed_by = '', claimed_until = 0
         WHERE status = 'pending' AND claimed_until > 0 AND ${'by' in claims ? '' : 'NOT '}${isTheirs}`,
        [own, `${own} %`],
      ),
    );
  }

  override async settle(outcomes: readonly FiringOutcome[]): Promise<void> {
    const alike = new Map<string, FiringOutcome[]>();
    for (const outcome of outcomes.map(withoutOwnRun)) {
      const { id: _id, ...rest } = outcome;
      const name = JSON.stringify(rest);
      const group = alike.get(name);
      if (group) group.push(outcome);
      else alike.set(name, [outcome]);
    }
    await this.relational.run('firing.settle', async (tx) => {
      for (const group of alike.values()) for (const some of inPieces(group)) await settleSome(tx, some);
    });
  }

  override async find(domain: DomainId, id: FiringId): Promise<Firing | undefined> {
    const row = await this.relational.read((tx) => tx.repository(FIRINGS).findOneBy({ domain, id }));
    return row ? firingOf(row) : undefined;
  }

  override async findKey(triggerId: TriggerId, key: string): Promise<Firing | undefined> {
    const firingKey = storedKey(triggerId, key);
    const row = await this.relational.read((tx) => tx.repository(FIRINGS).findOneBy({ firingKey }));
    return row ? firingOf(row) : undefined;
  }

  override async list(domain: DomainId, filter: FiringFilter, page: PageRequest): Promise<Page<Firing>> {
    const { triggerId, statuses, groupId } = filter;
    return this.relational.read(async (tx) => {
      const all = tx.repository(FIRINGS).createQueryBuilder('one').where('one.domain = :domain', { domain });
      if (triggerId !== undefined) all.andWhere('one.triggerId = :triggerId', { triggerId });
      if (groupId !== undefined) all.andWhere('one.groupId = :groupId', { groupId });
      if (statuses !== undefined) all.andWhere('one.status IN (:...statuses)', { statuses: [...statuses] });
      return pageByNewest(all, page, firingOf);
    });
  }

  override async lastFired(ids: readonly TriggerId[]): Promise<ReadonlyMap<TriggerId, Date>> {
    return this.relational.read(async (tx) => {
      const last = new Map<TriggerId, Date>();
      for (const id of ids) {
        const [row] = await query<{ at: number | string }>(
          tx,
          `SELECT ended_at AS at FROM firings WHERE trigger_id = ? AND status = 'fired' ORDER BY id DESC LIMIT 1`,
          [id],
        );
        if (row) last.set(id, new Date(Number(row.at)));
      }
      return last;
    });
  }

  override async gathering(triggerId: TriggerId, limit: number): Promise<readonly Firing[]> {
    const rows = await this.relational.read((tx) =>
      tx.repository(FIRINGS).find({ where: { triggerId, status: 'gathering' }, order: { id: 'ASC' }, take: limit }),
    );
    return rows.map(firingOf);
  }

  override async gatheredBy(now: Date, limit: number): Promise<readonly TriggerId[]> {
    const rows = await this.relational.read((tx) =>
      query<{ triggerId: TriggerId }>(
        tx,
        `SELECT DISTINCT trigger_id AS triggerId FROM firings WHERE status = 'gathering' AND due_at <= ? LIMIT ${limit}`,
        [now.getTime()],
      ),
    );
    return rows.map(({ triggerId }) => triggerId);
  }

  override async batch(batch: Firing, of: readonly FiringId[], owner: string, until: Date): Promise<boolean> {
    return this.relational.run('firing.batch', async (tx) => {
      const rows = tx.repository(FIRINGS);
      const open: FiringRow[] = [];
      for (const some of inPieces(of))
        open.push(...(await rows.findBy(some.map((id) => ({ id, status: 'gathering' as const })))));
      if (open.length < of.length) return false;
      await addFirings(tx, [batch], owner, until);
      for (const some of inPieces(of))
        await query(
          tx,
          `UPDATE firings SET status = 'batched', group_id = ?, ended_at = ? WHERE id IN (${marks(some)})`,
          [batch.id, batch.createdAt.getTime(), ...some],
        );
      return true;
    });
  }

  override async redrive(
    domain: DomainId,
    which: { readonly ids: readonly FiringId[] } | { readonly triggerId: TriggerId },
    { event, now }: { readonly event?: JsonObject; readonly now: Date },
    limit: number,
  ): Promise<number> {
    return this.relational.run('firing.redrive', async (tx) => {
      const rows = tx.repository(FIRINGS);
      const dead =
        'ids' in which
          ? await rows.findBy(which.ids.slice(0, limit).map((id) => ({ domain, id, status: 'dead' as const })))
          : await rows.find({
              where: { domain, triggerId: which.triggerId, status: 'dead' },
              order: { id: 'ASC' },
              take: limit,
            });
      for (const some of inPieces(dead))
        await rows.update(
          some.map(({ id }) => id),
          {
            status: 'pending',
            reason: null,
            dueAt: now,
            endedAt: null,
            claimedBy: '',
            claimedUntil: new Date(0),
            ...(event && { event }),
          },
        );
      return dead.length;
    });
  }

  override async editDead(domain: DomainId, id: FiringId, event: JsonObject): Promise<boolean> {
    return this.relational.run('firing.edit', async (tx) => {
      const rows = tx.repository(FIRINGS);
      if (!(await rows.findOneBy({ domain, id, status: 'dead' }))) return false;
      await rows.update({ domain, id, status: 'dead' }, { event });
      return true;
    });
  }

  override async skipGroup(domain: DomainId, groupId: string, reason: FiringReason, now: Date): Promise<number> {
    const { affected } = await this.relational.run('firing.skip', (tx) =>
      tx
        .repository(FIRINGS)
        .update({ domain, groupId, status: 'pending' }, { status: 'skipped', reason, endedAt: now }),
    );
    return affected ?? 0;
  }

  override async removeDead(domain: DomainId, id: FiringId): Promise<boolean> {
    const { affected } = await this.relational.run('firing.remove', (tx) =>
      tx.repository(FIRINGS).delete({ domain, id, status: 'dead' }),
    );
    return affected === 1;
  }

  override async purge(before: Date, limit: number): Promise<number> {
    return this.relational.run('firing.purge', async (tx) => {
      const old = await query<{ id: FiringId }>(
        tx,
        `SELECT id FROM firings WHERE ended_at < ? AND status <> 'dead' ORDER BY ended_at LIMIT ${limit}`,
        [before.getTime()],
      );
      for (const some of inPieces(old.map(({ id }) => id)))
        await query(tx, `DELETE FROM firings WHERE id IN (${marks(some)})`, some);
      return old.length;
    });
  }

  override async oldestByHand(): Promise<Date | undefined> {
    const [row] = await this.relational.read((tx) =>
      query<{ at: number | string | null }>(
        tx,
        `SELECT min(created_at) AS at FROM firings WHERE status = 'pending' AND cause = 'manual'`,
        [],
      ),
    );
    return row && row.at !== null ? new Date(Number(row.at)) : undefined;
  }

  override async counts(): Promise<{ readonly pending: number; readonly dead: number }> {
    const rows = await this.relational.read((tx) =>
      query<{ status: string; n: number | string }>(
        tx,
        `SELECT status, count(*) AS n FROM firings WHERE status IN ('pending', 'dead') GROUP BY status`,
        [],
      ),
    );
    const of = (status: string) => Number(rows.find((row) => row.status === status)?.n ?? 0);
    return { pending: of('pending'), dead: of('dead') };
  }
}

function query<Row>(tx: Tx, sql: string, values: readonly unknown[]): Promise<readonly Row[]> {
  return tx.repository(FIRINGS).query(sql, [...values]);
}

/** The row names the run that its firing starts since it was added (`firingRowOf`): those that did what they were to do are alike. */
function withoutOwnRun(outcome: FiringOutcome): FiringOutcome {
  return outcome.instanceId === runOf(outcome) ? { ...outcome, instanceId: null } : outcome;
}

/** Outcomes that differ in nothing but whose they are. */
async function settleSome(tx: Tx, outcomes: readonly FiringOutcome[]): Promise<void> {
  const [{ status, reason, instanceId, attempts, dueAt, endedAt }] = outcomes as [FiringOutcome];
  const ids = outcomes.map(({ id }) => id);
  await query(
    tx,
    `UPDATE firings SET status = ?, reason = ?, attempts = ?, due_at = ?, ended_at = ?, claimed_by = '', claimed_until = 0${instanceId === null ? '' : ', instance_id = ?'}
     WHERE id IN (${marks(ids)}) AND status = 'pending'`,
    [
      status,
      reason && JSON.stringify(reason),
      attempts,
      dueAt.getTime(),
      endedAt?.getTime() ?? null,
      ...(instanceId === null ? [] : [instanceId]),
      ...ids,
    ],
  );
}
