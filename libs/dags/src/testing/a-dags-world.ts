import { DOCUMENT_MIGRATIONS, SqliteDagStore } from '@flow/adapters/embedded';
import { Database, migrate } from '@flow/adapters/sqlite';
import { PERMISSIONS, type Caller, type Permission } from '@flow/auth';
import { IdGenerator, type DagId, type DomainId, type PrincipalId, type TokenId } from '@flow/kernel';
import { FixedClock, SeededRandom } from '@flow/testing/kernel';
import { DagActionsService } from '../dag-actions.service';
import { DagLimits } from '../dag-limits';
import { DagsService } from '../dags.service';
import { LiveInstances } from '../live-instances';
import { TransferService } from '../transfer.service';
import { VersionsService } from '../versions.service';
import { aCatalogue } from './a-catalogue';

/** Live runs that a test sets up by hand. */
class CountedInstances extends LiveInstances {
  readonly live = new Map<DagId, number>();
  readonly cancelled: { dagId: DagId; reason: string }[] = [];

  override async count(_domain: DomainId, dagId: DagId): Promise<number> {
    return this.live.get(dagId) ?? 0;
  }

  override async cancelAll(_domain: DomainId, dagId: DagId, reason: string): Promise<void> {
    this.cancelled.push({ dagId, reason });
    this.live.delete(dagId);
  }
}

export function aCaller(domain = 'acme', permissions: readonly Permission[] = PERMISSIONS, principal = 'ann'): Caller {
  return {
    principal: principal as PrincipalId,
    tokenId: 'token' as TokenId,
    domain: domain as DomainId,
    permissions: new Set(permissions),
  };
}

/** The services of this lib over an empty embedded store and a clock that stands still. */
export function aDagsWorld(limits = new DagLimits()) {
  const db = Database.open(':memory:');
  migrate(db, DOCUMENT_MIGRATIONS);
  const store = new SqliteDagStore(db);
  const clock = new FixedClock();
  const catalogue = aCatalogue();
  const live = new CountedInstances();
  const dags = new DagsService(store, catalogue, clock, new IdGenerator(clock, new SeededRandom()), limits);
  return {
    ...{ db, store, clock, catalogue, live, dags },
    actions: new DagActionsService(store, live, clock, limits),
    versions: new VersionsService(store, catalogue, clock, limits),
    transfer: new TransferService(dags, store, catalogue, limits),
  };
}

/** A definition with one step that differs by `value`. */
export function aDefinition(fields: object = {}, value = 'a') {
  return {
    title: 'A flow',
    steps: [
      { id: '0', operator: '@trigger/manual' },
      { id: '1', operator: '@internal/define', parameters: { type: 'string', value } },
    ],
    ...fields,
  };
}
