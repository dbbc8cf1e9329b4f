import { type DagId, type DomainId, type FiringId, type Page, type PageRequest, type TriggerId } from '@flow/kernel';
import {
  TriggerStore,
  type Advance,
  type Disabled,
  type Trigger,
  type TriggerContent,
  type TriggerFilter,
  type TriggerKind,
} from '@flow/triggers';
import { addFirings } from './firing-rows';
import { pageByNewest } from './pages';
import { inPieces } from './pieces';
import { isDuplicate, type Relational, type Tx } from './relational';
import { SAVED_INPUTS } from './saved-input.entity';
import { FIRINGS, TRIGGERS, type TriggerRow } from './trigger.entity';

const MOST_OF_DAG = 1_000;
const MOST_LOOKED_UP = 10_000;
const MOVES_A_STATEMENT = 200;

/** Triggers in the relational database. */
export class SqlTriggerStore extends TriggerStore {
  private decisions = 0;

  constructor(private readonly relational: Relational) {
    super();
  }

  override async add(trigger: Trigger): Promise<boolean> {
    try {
      await this.relational.run('trigger.add', (tx) => tx.repository(TRIGGERS).insert(rowOf(trigger)));
      return true;
    } catch (error) {
      if (isDuplicate(error)) return false;
      throw error;
    }
  }

  override async replace(trigger: Trigger, fromRevision: number): Promise<boolean> {
    const { id, domain, failures: _counted, ...row } = rowOf(trigger);
    return this.relational.run('trigger.replace', async (tx) => {
      const rows = tx.repository(TRIGGERS);
      const standing = { id, domain, revision: fromRevision };
      if (trigger.enabled) await rows.update({ ...standing, enabled: 0 }, { failures: 0 });
      const { affected } = await rows.update(standing, row);
      return affected === 1;
    });
  }

  override async remove(domain: DomainId, id: TriggerId): Promise<boolean> {
    return this.relational.run('trigger.remove', async (tx) => {
      const { affected } = await tx.repository(TRIGGERS).delete({ domain, id });
      if (affected === 1) await tx.repository(SAVED_INPUTS).delete({ triggerId: id });
      return affected === 1;
    });
  }

  override async find(domain: DomainId, id: TriggerId): Promise<Trigger | undefined> {
    const row = await this.relational.read((tx) => tx.repository(TRIGGERS).findOneBy({ domain, id }));
    return row ? triggerOf(row) : undefined;
  }

  override async findMany(ids: readonly TriggerId[]): Promise<readonly Trigger[]> {
    return this.relational.read(async (tx) => {
      const found: TriggerRow[] = [];
      for (const some of inPieces(ids))
        found.push(...(await tx.repository(TRIGGERS).findBy(some.map((id) => ({ id })))));
      return found.map(triggerOf);
    });
  }

  override async ofDag(domain: DomainId, dagId: DagId): Promise<readonly Trigger[]> {
    return this.all((tx) =>
      tx.repository(TRIGGERS).find({ where: { domain, dagId }, order: { id: 'ASC' }, take: MOST_OF_DAG }),
    );
  }

  override async lookUp(kind: TriggerKind, lookup: string): Promise<readonly Trigger[]> {
    return this.all((tx) =>
      tx.repository(TRIGGERS).find({ where: { kind, lookup }, order: { id: 'ASC' }, take: MOST_LOOKED_UP }),
    );
  }

  override async enabled(kind: TriggerKind, after: TriggerId | '', limit: number): Promise<readonly Trigger[]> {
    return this.all((tx) =>
      tx
        .repository(TRIGGERS)
        .createQueryBuilder('one')
        .where('one.kind = :kind AND one.enabled = 1 AND one.id > :after', { kind, after })
        .orderBy('one.id')
        .limit(limit)
        .getMany(),
    );
  }

  override async list(domain: DomainId, filter: TriggerFilter, page: PageRequest): Promise<Page<Trigger>> {
    const { dagId, kind, enabled } = filter;
    return this.relational.read(async (tx) => {
      const all = tx.repository(TRIGGERS).createQueryBuilder('one').where('one.domain = :domain', { domain });
      if (dagId !== undefined) all.andWhere('one.dagId = :dagId', { dagId });
      if (kind !== undefined) all.andWhere('one.kind = :kind', { kind });
      if (enabled !== undefined) all.andWhere('one.enabled = :enabled', { enabled: enabled ? 1 : 0 });
      return pageByNewest(all, page, triggerOf);
    });
  }

  override async upcoming(domain: DomainId, limit: number): Promise<readonly Trigger[]> {
    return this.all((tx) =>
      tx
        .repository(TRIGGERS)
        .createQueryBuilder('one')
        .where('one.domain = :domain AND one.enabled = 1 AND one.nextFireAt IS NOT NULL', { domain })
        .orderBy('one.nextFireAt')
        .addOrderBy('one.id')
        .limit(limit)
        .getMany(),
    );
  }

  override async due(now: Date, limit: number): Promise<readonly Trigger[]> {
    return this.all((tx) =>
      tx
        .repository(TRIGGERS)
        .createQueryBuilder('one')
        .where('one.enabled = 1 AND one.nextFireAt <= :now', { now: now.getTime() })
        .orderBy('one.nextFireAt')
        .addOrderBy('one.id')
        .limit(limit)
        .getMany(),
    );
  }

  override async nextDue(): Promise<Date | undefined> {
    const row = await this.relational.read((tx) =>
      tx
        .repository(TRIGGERS)
        .createQueryBuilder('one')
        .select(['one.id', 'one.nextFireAt'])
        .where('one.enabled = 1 AND one.nextFireAt IS NOT NULL')
        .orderBy('one.nextFireAt')
        .limit(1)
        .getOne(),
    );
    return row?.nextFireAt ?? undefined;
  }

  override async advance(moves: readonly Advance[], owner: string, until: Date) {
    this.decisions += 1;
    const mark = `${owner} ${this.decisions}`;
    return this.relational.run('trigger.advance', async (tx) => {
      const moved = new Set<TriggerId>();
      for (const some of inPieces(moves, MOVES_A_STATEMENT))
        for (const id of await moveSome(tx, some, mark)) moved.add(id);
      const firings = moves.filter(({ trigger }) => moved.has(trigger.id)).flatMap((move) => move.firings);
      return { moved, added: await addFirings(tx, firings, owner, until) };
    });
  }

  override async countEnd(id: TriggerId, firing: FiringId, failed: boolean): Promise<number | undefined> {
    return this.relational.run('trigger.count', async (tx) => {
      const { affected } = await tx
        .repository(FIRINGS)
        .update({ id: firing, triggerId: id, counted: 0 }, { counted: 1 });
      if (affected === 1)
        await tx
          .repository(TRIGGERS)
          .createQueryBuilder()
          .update()
          .set({ failures: () => (failed ? 'failures + 1' : '0') })
          .where('id = :id', { id })
          .execute();
      return (await tx.repository(TRIGGERS).findOneBy({ id }))?.failures;
    });
  }

  override async disableOf(
    domain: DomainId,
    owner: string,
    by: { readonly principal: string; readonly at: Date },
  ): Promise<number> {
    const disabled: Disabled = { code: 'owner_revoked', message: `${owner} was revoked.` };
    const { affected } = await this.relational.run('trigger.disable', (tx) =>
      tx
        .repository(TRIGGERS)
        .createQueryBuilder()
        .update()
        .set({
          enabled: 0,
          disabled,
          nextFireAt: null,
          modifiedBy: by.principal,
          updatedAt: by.at,
          revision: () => 'revision + 1',
        })
        .where('domain = :domain AND owner = :owner AND enabled = 1', { domain, owner })
        .execute(),
    );
    return affected ?? 0;
  }

  private async all(read: (tx: Tx) => Promise<TriggerRow[]>): Promise<readonly Trigger[]> {
    return (await this.relational.read(read)).map(triggerOf);
  }
}

/** Those that still stand as they were read go on; their ids. */
async function moveSome(tx: Tx, moves: readonly Advance[], mark: string): Promise<readonly TriggerId[]> {
  const rows = tx.repository(TRIGGERS);
  const by = (value: (move: Advance) => number | null) => ({
    sql: `CASE id ${moves.map(() => 'WHEN ? THEN ?').join(' ')} END`,
    values: moves.flatMap((move) => [move.trigger.id, value(move)]),
  });
  const next = by(({ nextFireAt }) => nextFireAt?.getTime() ?? null);
  const from = by(({ trigger }) => trigger.nextFireAt?.getTime() ?? null);
  const revision = by(({ trigger }) => trigger.revision);
  const ids = moves.map(({ trigger }) => trigger.id);
  const among = `id IN (${ids.map(() => '?').join(', ')})`;
  await rows.query(
    `UPDATE triggers SET decided_by = ?, next_fire_at = ${next.sql}
     WHERE ${among} AND enabled = 1 AND next_fire_at = ${from.sql} AND revision = ${revision.sql}`,
    [mark, ...next.values, ...ids, ...from.values, ...revision.values],
  );
  const moved: readonly { id: TriggerId }[] = await rows.query(
    `SELECT id FROM triggers WHERE ${among} AND decided_by = ?`,
    [...ids, mark],
  );
  return moved.map(({ id }) => id);
}

function rowOf(trigger: Trigger): TriggerRow {
  const { name, config, input, filter, dedupeKey, concurrency, enabled, derived, ...row } = trigger;
  return {
    ...row,
    content: { name, config, input, filter, dedupeKey, concurrency },
    enabled: enabled ? 1 : 0,
    derived: derived ? 1 : 0,
    decidedBy: '',
  };
}

function triggerOf({ content, enabled, derived, decidedBy: _decidedBy, ...row }: TriggerRow): Trigger {
  return { ...row, ...(content as TriggerContent), enabled: enabled === 1, derived: derived === 1 };
}
