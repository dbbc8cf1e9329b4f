import { SqliteDiskSpace, SqliteEndedInstances, openDocuments } from '@flow/adapters/embedded';
import { ENTITIES, SqlDomainRetentions, SqliteRelational, type Relational } from '@flow/adapters/sql';
import type { Database } from '@flow/adapters/sqlite';
import type { Dag } from '@flow/dags';
import { hasEnded, type Instance, type StartOptions } from '@flow/instances';
import { OrphanBlobs, Purge, PurgeSweep, RetentionRules, RetentionService, type PurgeReport } from '@flow/retention';
import type { InstanceId } from '@flow/kernel';
import { RunWorld, aCaller } from '@flow/testing/instances';

export const DAY = 86_400_000;
const ann = aCaller();

/** A RunWorld with everything that removes its ended instances; RETENTION is P30D. */
export class PurgeWorld {
  db!: Database;
  ended!: SqliteEndedInstances;
  domains!: SqlDomainRetentions;
  rules!: RetentionRules;
  purge!: Purge;
  sweep!: PurgeSweep;
  orphans!: OrphanBlobs;
  /** Owners whose blobs went as orphans. */
  readonly removed: string[] = [];
  service!: RetentionService;
  /** Every step's count, every pass of the sweep, every fault of it. */
  readonly steps: number[] = [];
  readonly passes: PurgeReport[] = [];
  readonly faults: unknown[] = [];
  private relational!: Relational;

  private constructor(readonly runs: RunWorld) {}

  static async open(): Promise<PurgeWorld> {
    const world = new PurgeWorld(await RunWorld.open({ limits: { liveInstances: 10_000 } }));
    world.wire();
    return world;
  }

  /** The worker dies, and the next one takes over. */
  async restart(): Promise<void> {
    this.runs.crash();
    await this.closeOwn();
    await this.runs.restart();
    this.wire();
  }

  async aDag(fields: Partial<Dag> = {}): Promise<Dag> {
    return this.runs.aDag(
      [{ id: 'r', operator: '@internal/return', parameters: { result: '{{data.result}}', size: '{{data.size}}' } }],
      fields,
    );
  }

  /** A run of it that has ended. */
  async run(dag: Dag, result: 'succeeded' | 'failed' = 'succeeded', options: StartOptions = {}): Promise<Instance> {
    const data = { data: { result } };
    const instance = await this.runs.service.start(ann, dag.id, { data }, { waitMs: 60_000, ...options });
    if (!hasEnded(instance.status)) throw new Error(`It has not ended: ${instance.status}.`);
    return instance;
  }

  /** Whether it stands; the rows are caught up before. */
  async stands({ domain, id }: Instance): Promise<boolean> {
    await this.runs.runner.projector.caughtUp();
    return (await this.runs.store.find(domain, id)) !== undefined;
  }

  async close(): Promise<void> {
    await this.closeOwn();
    this.runs.close();
  }

  private wire(): void {
    const { folder, dags, taskLog, logs, blobs, clock, runner } = this.runs;
    this.db = openDocuments(folder);
    this.relational = SqliteRelational.open(folder, ENTITIES);
    this.ended = new SqliteEndedInstances(this.db);
    this.domains = new SqlDomainRetentions(this.relational);
    this.rules = new RetentionRules(dags, this.domains, 'P30D');
    const parts = {
      ...{ rules: this.rules, ended: this.ended, taskLog, lines: logs, blobs, clock },
      ...{ space: new SqliteDiskSpace(this.db, { pages: 8, kept: 8 }), unwritten: runner.projector },
    };
    this.purge = new Purge(parts, (count) => this.steps.push(count));
    this.sweep = new PurgeSweep(
      this.purge,
      clock,
      (report) => this.passes.push(report),
      (error) => this.faults.push(error),
    );
    const mayLive = (owner: string) =>
      runner.holds(owner as InstanceId) || runner.projector.isBehind(owner as InstanceId);
    this.orphans = new OrphanBlobs({ blobs, owners: [this.ended, this.runs.files], clock, mayLive }, (owner) =>
      this.removed.push(owner),
    );
    this.service = new RetentionService(this.domains, this.rules, this.purge, clock);
  }

  private async closeOwn(): Promise<void> {
    await this.relational.close();
    this.db.close();
  }
}
