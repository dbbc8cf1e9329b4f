import {
  decodeStart,
  type Creation,
  type InboxItem,
  type Instance,
  type InstanceHeader,
  type LogRecord,
} from '@flow/instances';
import type { InstanceId, WorkerId } from '@flow/kernel';
import { MemoryGround } from '@flow/testing/instances';
import type { Ledger, Violate } from '../simulation/ledger';
import type { ClusterEvidence } from './faults';

class WatchedMap<K, V> extends Map<K, V> {
  constructor(
    entries: Iterable<readonly [K, V]>,
    private readonly onSet: (key: K, value: V) => void,
  ) {
    super();
    for (const [key, value] of entries) super.set(key, value);
  }

  override set(key: K, value: V): this {
    super.set(key, value);
    this.onSet(key, value);
    return this;
  }
}

/** The store that all workers share; the ledger sees each document at the moment at which it becomes durable. */
export class WatchedGround extends MemoryGround {
  override readonly records = new Map<WorkerId, Map<number, LogRecord>>();
  override readonly instances: MemoryGround['instances'];
  override readonly inbox: MemoryGround['inbox'];
  private readonly heads = new Map<WorkerId, number>();

  constructor(
    private readonly ledger: Ledger,
    private readonly evidence: ClusterEvidence,
    private readonly violate: Violate,
  ) {
    super();
    const { records } = this;
    const openLog = records.set.bind(records);
    records.set = (worker, log) =>
      openLog(worker, new WatchedMap(log, (n, record) => this.appended(worker, n, record)));
    this.instances = new WatchedMap([], (id, { text, header, cursor }) => {
      if (header.seq === 0 && cursor) this.created(id, JSON.parse(text) as Instance, header, cursor.state);
    });
    this.inbox = new WatchedMap([], (_id, { item }) => this.wished(item));
  }

  private appended(worker: WorkerId, n: number, record: LogRecord): void {
    const mark = this.workers.get(worker)?.mark ?? 0;
    if (record.kind === 'transitions') {
      const head = Math.max(this.heads.get(worker) ?? 0, mark);
      if (n > head + 1) this.violate(`Record ${n} of worker ${worker} left a gap behind ${head}.`);
      this.heads.set(worker, Math.max(head, n));
      this.ledger.durable(worker, record);
    } else if (mark >= n) this.evidence.voidSeals += 1;
    else {
      this.evidence.seals += 1;
      this.ledger.seal(worker);
    }
  }

  private created(id: InstanceId, instance: Instance, header: Omit<InstanceHeader, 'instance'>, start: string): void {
    if (header.epoch > 0) return;
    const { domain, dagId, version, priority, labels, trigger, createdBy, attempt, retryOf, rootId } = instance;
    const fixed = { domain, dagId, version, priority, labels, trigger, createdBy, attempt, retryOf, rootId };
    const { parent = null, depth = 0, slot } = instance;
    const creation: Creation = { ...fixed, parent, depth, ...(slot && { slot: slot.key }) };
    this.ledger.created(id, creation, decodeStart(start));
  }

  private wished(item: InboxItem): void {
    this.evidence.wishes += 1;
    this.ledger.wished(item);
  }
}
