import type { Clock, InstanceId } from '@flow/kernel';
import type { DagStore } from '@flow/dags';
import type { Projector } from './projector';
import { limitOfOwnKey, type Limit, type SlotGroup, type SlotWaiter } from './slot';
import type { SlotStore } from './slot.store';

/** One group as this process knows it: read from the rows once, and followed from then on. */
export interface Group {
  readonly where: SlotGroup;
  /** Those that have a slot, and when they were accepted. */
  readonly holders: Map<InstanceId, number>;
  /** Of them, those that have waited and whose begin is on its way. */
  readonly beginning: Set<InstanceId>;
  /** Those that were told to make room. */
  readonly replaced: Set<InstanceId>;
  /** Those that could not begin here; they are tried again by the next sweep. */
  readonly passed: Set<InstanceId>;
  /** Who begins next, in order, where that is known. */
  ready: readonly SlotWaiter[];
  /** How many have come to wait. */
  arrivals: number;
  /** Somebody may wait. False is sure, but for one whose start is not durable yet. */
  mayWait: boolean;
  limit: Limit & { readonly readAt: number };
  isWanted: boolean;
  settling: Promise<void> | undefined;
  /** Calls that work with it at the moment. */
  users: number;
  /** Rises with every change of the holders. */
  changes: number;
}

/** Groups in memory: read from the rows when they are needed, let go of when there are too many and the rows say all that is known of them. */
export class SlotGroups {
  private readonly groups = new Map<string, Group>();
  /** Groups that are being read, with those who ended meanwhile. */
  private readonly loading = new Map<string, { readonly done: Promise<void>; readonly ended: Set<InstanceId> }>();
  private isEvicting = false;

  constructor(
    private readonly store: SlotStore,
    private readonly dags: DagStore,
    private readonly projector: Projector,
    private readonly clock: Clock,
    private readonly most: number,
  ) {}

  get size(): number {
    return this.groups.size;
  }

  get all(): Iterable<Group> {
    return this.groups.values();
  }

  /** The group of an instance whose end is durable, if it is in memory. */
  ofEnded(id: InstanceId, where: SlotGroup): Group | undefined {
    this.loading.get(nameOf(where))?.ended.add(id);
    return this.groups.get(nameOf(where));
  }

  /** Works with the group, which is read before when it has to be, and stays in memory meanwhile. */
  async within<T>(where: SlotGroup, work: (group: Group) => Promise<T>): Promise<T> {
    const name = nameOf(where);
    for (;;) {
      const group = this.groups.get(name);
      if (!group) {
        await this.loaded(where);
        continue;
      }
      // Groups stand in the order in which they were used last.
      this.groups.delete(name);
      this.groups.set(name, group);
      group.users += 1;
      try {
        return await work(group);
      } finally {
        group.users -= 1;
      }
    }
  }

  limitOf(where: SlotGroup): Promise<Limit> {
    return limitOf(this.dags, where);
  }

  private loaded(where: SlotGroup): Promise<void> {
    const name = nameOf(where);
    const underWay = this.loading.get(name);
    if (underWay) return underWay.done;
    const ended = new Set<InstanceId>();
    const done = this.load(where, ended).finally(() => this.loading.delete(name));
    this.loading.set(name, { done, ended });
    return done;
  }

  /** `ended` grows while the rows are read: what is in there may be in the rows still. */
  private async load(where: SlotGroup, ended: ReadonlySet<InstanceId>): Promise<void> {
    await this.projector.caughtUp();
    const limit = await this.limitOf(where);
    const waiters = await this.store.waiters(where, 1);
    const holders = await this.store.holders(where, Infinity);
    const group: Group = {
      where,
      holders: new Map(holders.filter(({ id }) => !ended.has(id)).map(({ id, at }) => [id, at])),
      beginning: new Set(),
      replaced: new Set(),
      passed: new Set(),
      ready: [],
      arrivals: 0,
      mayWait: waiters.length > 0,
      limit: { ...limit, readAt: this.clock.monotonicMs() },
      isWanted: false,
      settling: undefined,
      users: 0,
      changes: 0,
    };
    this.groups.set(nameOf(where), group);
    if (this.groups.size > this.most) void this.evict();
  }

  /** Lets go of groups that were used longest ago, once the rows say all that was known of them. */
  private async evict(): Promise<void> {
    if (this.isEvicting) return;
    this.isEvicting = true;
    const before = [...this.groups.values()].slice(0, Math.ceil(this.most / 10));
    const changes = before.map((group) => group.changes);
    const isCaughtUp = await this.projector.caughtUp().then(
      () => true,
      () => false,
    );
    before.forEach((group, i) => {
      const isBusy = group.users > 0 || group.beginning.size > 0 || group.settling !== undefined;
      if (isCaughtUp && !isBusy && group.changes === changes[i]) this.groups.delete(nameOf(group.where));
    });
    this.isEvicting = false;
  }
}

/** As the newest version of the DAG says, else as the key does; a DAG that limits no more holds nobody back. */
export async function limitOf(dags: DagStore, { domain, dagId, key }: SlotGroup): Promise<Limit> {
  const { concurrency } = (await dags.find(domain, dagId)) ?? {};
  const own = concurrency ? undefined : limitOfOwnKey(key);
  if (own) return own;
  return { max: concurrency?.max ?? Infinity, onFull: concurrency?.onFull ?? 'queue' };
}

function nameOf({ domain, dagId, key }: SlotGroup): string {
  return `${domain} ${dagId} ${key}`;
}
