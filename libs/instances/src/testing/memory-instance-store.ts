import {
  InstanceBirths,
  InstanceStore,
  hasEnded,
  type Cursor,
  type HistoryChunk,
  type Holding,
  type Instance,
  type InstanceBirth,
  type InstanceFilter,
  type InstanceHeader,
  type InstanceRows,
  type OutboxItem,
  type OutboxMessage,
  type StoredRun,
  type Task,
  type WakePlace,
} from '@flow/instances';
import {
  decodeCursor,
  encodeCursor,
  type DagId,
  type DomainId,
  type InstanceId,
  type Page,
  type PageRequest,
  type WorkerId,
} from '@flow/kernel';
import { atOnce, type Ask, type InstanceDoc, type MemoryGround } from './memory-ground';

/** Rows of a page are opened until they hold this many characters. */
const PAGE_CHARACTERS = 4 * 1024 * 1024;

interface Claim {
  readonly id: InstanceId;
  readonly owner: WorkerId | null;
  readonly epoch: number;
}

/** Rows of instances in a MemoryGround: tasks, history and messages are written first, headers last; a claim changes one header and then reads. */
export class MemoryInstanceStore extends InstanceStore {
  constructor(
    private readonly ground: MemoryGround,
    private readonly ask: Ask = atOnce,
  ) {
    super();
  }

  override async project(rows: readonly InstanceRows[]): Promise<void> {
    if (rows.length === 0) return;
    await this.ask('rows.put', true, () => {
      for (const row of rows) this.putRows(row);
    });
    await this.ask('headers.put', true, () => {
      for (const row of rows) this.putHeader(row);
    });
  }

  override async claim(
    id: InstanceId,
    { owner, epoch }: { owner: WorkerId | null; epoch: number },
    to: WorkerId,
  ): Promise<StoredRun | undefined> {
    const doc = await this.ask('header.claim', true, () => this.take({ id, owner, epoch }, to));
    return doc && this.withHistory(id, doc);
  }

  override async load(id: InstanceId): Promise<StoredRun | undefined> {
    const doc = await this.ask('header.load', false, () => this.copyOf(id));
    return doc && this.withHistory(id, doc);
  }

  override header(id: InstanceId): Promise<InstanceHeader | undefined> {
    return this.ask('header.read', false, () => this.headerOf(id));
  }

  override async claimParked(
    from: readonly { readonly id: InstanceId; readonly epoch: number }[],
    to: WorkerId,
  ): Promise<readonly StoredRun[]> {
    const claimed: StoredRun[] = [];
    for (const { id, epoch } of from) {
      const doc = await this.ask('header.wake', true, () => this.take({ id, owner: null, epoch }, to));
      if (doc) claimed.push(await this.withHistory(id, doc));
    }
    return claimed;
  }

  override held(afterId: InstanceId | null, limit: number): Promise<readonly InstanceHeader[]> {
    return this.ask('headers.held', false, () =>
      this.headers()
        .filter(({ owner, instance }) => owner !== null && instance.id > (afterId ?? ''))
        .sort((a, b) => rising(a.instance.id, b.instance.id))
        .slice(0, limit),
    );
  }

  override parked(ids: readonly InstanceId[]): Promise<readonly InstanceHeader[]> {
    return this.ask('headers.parked', false, () =>
      ids.flatMap((id) => {
        const header = this.headerOf(id);
        return header && header.owner === null && !hasEnded(header.instance.status) ? [header] : [];
      }),
    );
  }

  override waking(until: number, after: WakePlace | null, limit: number): Promise<readonly WakePlace[]> {
    return this.ask('headers.waking', false, () =>
      [...this.ground.instances]
        .flatMap(([id, { header }]) => (header.wakeAt === null ? [] : [{ at: header.wakeAt, id }]))
        .filter((place) => place.at <= until && (!after || byPlace(place, after) > 0))
        .sort(byPlace)
        .slice(0, limit),
    );
  }

  override names(workerId: WorkerId): Promise<boolean> {
    return this.ask('headers.names', false, () => this.holdingsOf(workerId).some((holding) => !holding.hasEnded));
  }

  override owners(): Promise<readonly WorkerId[]> {
    return this.ask('headers.owners', false, () => [
      ...new Set(
        [...this.ground.instances.values()].flatMap(({ header: { owner } }) => (owner === null ? [] : [owner])),
      ),
    ]);
  }

  override heldBy(workerId: WorkerId): Promise<readonly Holding[]> {
    return this.ask('headers.heldBy', false, () => this.holdingsOf(workerId));
  }

  override release(ids: readonly InstanceId[]): Promise<number> {
    return this.ask('headers.release', true, () => {
      const ended = ids.flatMap((id) => {
        const doc = this.ground.instances.get(id);
        return doc && doc.header.owner !== null && hasEnded(instanceIn(doc).status) ? [doc] : [];
      });
      for (const doc of ended) doc.header = { ...doc.header, owner: null };
      return ended.length;
    });
  }

  override outbox(afterId: string, limit: number): Promise<readonly OutboxItem[]> {
    return this.ask('outbox.read', false, () =>
      [...this.ground.outbox]
        .filter(([id]) => id > afterId)
        .sort(([a], [b]) => rising(a, b))
        .slice(0, limit)
        .map(([id, text]) => ({ id, message: JSON.parse(text) as OutboxMessage })),
    );
  }

  override settleOutbox(ids: readonly string[]): Promise<void> {
    return this.ask('outbox.settle', true, () => {
      for (const id of ids) this.ground.outbox.delete(id);
    });
  }

  override newestAttempt(domain: DomainId, rootId: InstanceId): Promise<Instance | undefined> {
    return this.ask('instances.newest', false, () => {
      const retries = this.instances().filter((one) => one.rootId === rootId && one.attempt > 1);
      retries.sort((a, b) => b.attempt - a.attempt || -rising(a.id, b.id));
      return this.visible(domain, retries[0]?.id ?? rootId);
    });
  }

  override approvals(
    domain: DomainId,
    assignee: string,
    page: PageRequest,
  ): Promise<Page<{ readonly task: Task; readonly instance: Instance }>> {
    return this.ask('tasks.approvals', false, () => {
      const asked = this.instances()
        .filter((one) => one.domain === domain && (!one.debug || one.createdBy === assignee))
        .flatMap((instance) => this.tasksOf(instance.id).map((task) => ({ task, instance })))
        .filter(({ task: { waitingFor: wait } }) => {
          if (wait?.kind !== 'approval') return false;
          return wait.assignees.includes(assignee) && !wait.decisions.some(({ by }) => by === assignee);
        })
        .sort((a, b) => rising(a.task.id, b.task.id));
      return pageOf(asked, page, ({ task }) => task.id);
    });
  }

  override async standing(domain: DomainId, id: InstanceId): Promise<Instance | 'purged' | undefined> {
    return this.ask('header.standing', false, () => {
      return this.visible(domain, id) ?? (this.ground.tombstones.has(id) ? 'purged' : undefined);
    });
  }

  override find(domain: DomainId, id: InstanceId): Promise<Instance | undefined> {
    return this.ask('header.find', false, () => this.visible(domain, id));
  }

  override async list(domain: DomainId, filter: InstanceFilter, page: PageRequest): Promise<Page<Instance>> {
    const after = page.cursor === undefined ? undefined : decodeCursor(page.cursor, ['number', 'string']);
    return this.ask('headers.list', false, () => {
      const direction = filter.sort === 'createdAt' ? 1 : -1;
      const key = ({ createdAt, id }: Instance) => [Date.parse(createdAt), id] as const;
      const order = (a: readonly [number, string], b: readonly [number, string]) =>
        direction * (a[0] - b[0] || rising(a[1], b[1]));
      const fitting = this.instances()
        .filter((one) => one.domain === domain && !one.debug && fits(one, filter))
        .sort((a, b) => order(key(a), key(b)));
      const from = after && ([Number(after[0]), String(after[1])] as const);
      const rest = from ? fitting.filter((one) => order(key(one), from) > 0) : fitting;
      return {
        ...opened(rest, page.limit, (one) => encodeCursor([...key(one)])),
        ...(page.count && { total: fitting.length }),
      };
    });
  }

  override tasks(domain: DomainId, id: InstanceId, page: PageRequest): Promise<Page<Task>> {
    return this.ask('tasks.list', false, () => {
      const tasks = this.visible(domain, id) ? this.tasksOf(id) : [];
      return pageOf(tasks, page, (task) => task.id);
    });
  }

  override task(domain: DomainId, id: InstanceId, taskId: string): Promise<Task | undefined> {
    return this.ask('task.find', false, () => {
      const text = this.visible(domain, id) && this.ground.tasks.get(id)?.get(taskId)?.text;
      return text === undefined ? undefined : (JSON.parse(text) as Task);
    });
  }

  override history(
    domain: DomainId,
    id: InstanceId,
    afterSeq: number,
    limit: number,
  ): Promise<readonly HistoryChunk[]> {
    return this.ask('history.page', false, () =>
      this.visible(domain, id) ? this.chunksOf(id, afterSeq).slice(0, limit) : [],
    );
  }

  override cursor(domain: DomainId, id: InstanceId): Promise<Cursor | undefined> {
    return this.ask('header.cursor', false, () => {
      return (this.visible(domain, id) && this.ground.instances.get(id)?.cursor) ?? undefined;
    });
  }

  override hasDebugRuns(): Promise<boolean> {
    return this.ask('headers.hasDebug', false, () => this.instances().some(({ debug }) => debug));
  }

  override countDebugRuns(domain: DomainId, createdBy: string): Promise<number> {
    return this.ask('headers.countDebug', false, () => {
      const counts = (one: Instance) => one.debug && !one.parentId && !hasEnded(one.status);
      return this.instances().filter((one) => one.domain === domain && one.createdBy === createdBy && counts(one))
        .length;
    });
  }

  override endedDebugRuns(before: Date, limit: number): Promise<readonly Pick<Instance, 'id' | 'domain'>[]> {
    return this.ask('headers.endedDebug', false, () => {
      const expiry = ({ debug }: Instance) => Date.parse(debug?.expiresAt ?? '');
      return this.instances()
        .filter((one) => one.debug && hasEnded(one.status) && expiry(one) < before.getTime())
        .sort((a, b) => expiry(a) - expiry(b))
        .slice(0, limit)
        .map(({ id, domain }) => ({ id, domain }));
    });
  }

  override purgeDebugRuns(ids: readonly InstanceId[]): Promise<void> {
    return this.ask('headers.purge', true, () => {
      for (const id of ids) {
        const doc = this.ground.instances.get(id);
        const instance = doc && instanceIn(doc);
        if (!instance?.debug || !hasEnded(instance.status)) continue;
        for (const rows of [this.ground.tasks, this.ground.history, this.ground.instances]) rows.delete(id);
      }
    });
  }

  override countUnfinished(domain: DomainId, dagId: DagId): Promise<number> {
    return this.ask('headers.count', false, () => {
      const isLive = (one: Instance) => one.domain === domain && one.dagId === dagId && !one.debug;
      return this.instances().filter((one) => isLive(one) && !hasEnded(one.status)).length;
    });
  }

  /** Each row with the seq of what wrote it: whoever is later stays. */
  private putRows({ header: { instance, seq }, tasks, history, outbox }: InstanceRows): void {
    if (this.ground.tombstones.has(instance.id)) return;
    const rows = this.ground.tasks.get(instance.id) ?? new Map<string, { seq: number; text: string }>();
    this.ground.tasks.set(instance.id, rows);
    for (const task of tasks)
      if ((rows.get(task.id)?.seq ?? -1) < seq) rows.set(task.id, { seq, text: JSON.stringify(task) });
    const chunks = this.ground.history.get(instance.id) ?? new Map<number, HistoryChunk>();
    this.ground.history.set(instance.id, chunks);
    for (const chunk of history) {
      for (const { fromSeq, toSeq } of [...chunks.values()])
        if (fromSeq > chunk.fromSeq && toSeq <= chunk.toSeq) chunks.delete(fromSeq);
      if ((chunks.get(chunk.fromSeq)?.toSeq ?? -1) < chunk.toSeq) chunks.set(chunk.fromSeq, chunk);
    }
    for (const { id, message } of outbox) this.ground.outbox.set(id, JSON.stringify(message));
  }

  private putHeader({ header: { instance, ...header }, cursor }: InstanceRows): void {
    const standing = this.ground.instances.get(instance.id);
    if (!standing && this.ground.tombstones.has(instance.id)) return;
    if (standing && (standing.header.epoch !== header.epoch || standing.header.seq >= header.seq)) return;
    const text = JSON.stringify(instance);
    this.ground.instances.set(instance.id, { text, header, cursor: cursor ?? standing?.cursor ?? null });
  }

  private take({ id, owner, epoch }: Claim, to: WorkerId): InstanceDoc | undefined {
    const doc = this.ground.instances.get(id);
    if (!doc || doc.header.owner !== owner || doc.header.epoch !== epoch || hasEnded(instanceIn(doc).status))
      return undefined;
    doc.header = { ...doc.header, owner: to, epoch: epoch + 1, wakeAt: null };
    return this.copyOf(id);
  }

  private withHistory(id: InstanceId, doc: InstanceDoc): Promise<StoredRun> {
    const { cursor, header } = doc;
    return this.ask('history.read', false, () => ({
      header: { ...header, instance: instanceIn(doc) },
      cursor,
      history: this.chunksOf(id, cursor?.seq ?? 0),
    }));
  }

  private copyOf(id: InstanceId): InstanceDoc | undefined {
    const doc = this.ground.instances.get(id);
    return doc && { ...doc };
  }

  private headerOf(id: InstanceId): InstanceHeader | undefined {
    const doc = this.ground.instances.get(id);
    return doc && { ...doc.header, instance: instanceIn(doc) };
  }

  private headers(): InstanceHeader[] {
    return [...this.ground.instances.values()].map((doc) => ({ ...doc.header, instance: instanceIn(doc) }));
  }

  private instances(): Instance[] {
    return [...this.ground.instances.values()].map(instanceIn);
  }

  private visible(domain: DomainId, id: InstanceId): Instance | undefined {
    const instance = this.headerOf(id)?.instance;
    return instance?.domain === domain ? instance : undefined;
  }

  private holdingsOf(workerId: WorkerId): Holding[] {
    return [...this.ground.instances]
      .filter(([, { header }]) => header.owner === workerId)
      .map(([id, doc]) => ({ id, epoch: doc.header.epoch, hasEnded: hasEnded(instanceIn(doc).status) }));
  }

  private tasksOf(id: InstanceId): Task[] {
    const tasks = [...(this.ground.tasks.get(id)?.values() ?? [])].map(({ text }) => JSON.parse(text) as Task);
    return tasks.sort((a, b) => rising(a.id, b.id));
  }

  private chunksOf(id: InstanceId, afterSeq: number): HistoryChunk[] {
    return [...(this.ground.history.get(id)?.values() ?? [])]
      .filter(({ toSeq }) => toSeq > afterSeq)
      .sort((a, b) => a.fromSeq - b.fromSeq);
  }
}

/** Creation by one insert. */
export class MemoryInstanceBirths extends InstanceBirths {
  constructor(
    private readonly ground: MemoryGround,
    private readonly ask: Ask = atOnce,
  ) {
    super();
  }

  override create({ header: { instance, ...header }, cursor }: InstanceBirth): Promise<Instance | 'purged'> {
    const { id } = instance;
    const text = JSON.stringify(instance);
    return this.ask('header.create', true, () => {
      const standing = this.ground.instances.get(id);
      if (standing) return instanceIn(standing);
      if (this.ground.tombstones.has(id)) return 'purged';
      const doc = { text, header, cursor };
      this.ground.instances.set(id, doc);
      return instanceIn(doc);
    });
  }
}

function instanceIn({ text }: InstanceDoc): Instance {
  return JSON.parse(text) as Instance;
}

function rising(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function byPlace(a: WakePlace, b: WakePlace): number {
  return a.at - b.at || rising(a.id, b.id);
}

function fits(one: Instance, { dagId, status, createdFrom, createdTo, label }: InstanceFilter): boolean {
  const createdMs = Date.parse(one.createdAt);
  return (
    (dagId === undefined || one.dagId === dagId) &&
    (!status?.length || status.includes(one.status)) &&
    (createdFrom === undefined || createdMs >= Date.parse(createdFrom)) &&
    (createdTo === undefined || createdMs < Date.parse(createdTo)) &&
    (label === undefined || one.labels[label.key] === label.value)
  );
}

/** Of rows whose ids rise. */
function pageOf<T>(rows: readonly T[], page: PageRequest, idOf: (row: T) => string): Page<T> {
  const [after] = page.cursor === undefined ? [''] : decodeCursor(page.cursor, ['string']);
  const rest = rows.filter((row) => idOf(row) > String(after));
  return {
    ...opened(rest, page.limit, (row) => encodeCursor([idOf(row)])),
    ...(page.count && { total: rows.length }),
  };
}

/** As many of the rows as a page holds. */
function opened<T>(rows: readonly T[], limit: number, cursorOf: (row: T) => string): Page<T> {
  const items: T[] = [];
  let characters = 0;
  for (const row of rows.slice(0, limit)) {
    if (characters > PAGE_CHARACTERS) break;
    items.push(row);
    characters += JSON.stringify(row).length;
  }
  const last = items.at(-1);
  return { items, nextCursor: last !== undefined && items.length < rows.length ? cursorOf(last) : null };
}
