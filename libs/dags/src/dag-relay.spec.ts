import { SqliteDagOutbox, SqliteDagStore, openDocuments } from '@flow/adapters/embedded';
import type { Database } from '@flow/adapters/sqlite';
import type { CloudEvent } from '@flow/events';
import { aDag } from '@flow/testing/dags';
import { MemoryEventOutbox } from '@flow/testing/events';
import { FixedClock, settle } from '@flow/testing/kernel';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DagEvents, type DagEventData } from './dag-events';
import type { DagFact } from './dag-fact';
import { DagListener } from './dag-outbox';
import { DagRelay, LOOK_FOR_FACTS_MS } from './dag-relay';

class Listed extends DagListener {
  readonly heard: string[] = [];
  fault: Error | undefined;

  override async hear(facts: readonly DagFact[]): Promise<void> {
    if (this.fault) throw this.fault;
    this.heard.push(...facts.map(({ kind, dag }) => `${kind} ${dag.title}`));
  }
}

describe('the relay of what becomes of DAGs', () => {
  let folder: string;
  let db: Database;
  let clock: FixedClock;
  let outbox: SqliteDagOutbox;
  let store: SqliteDagStore;
  let faults: unknown[];
  const aRelay = (...listeners: DagListener[]) => new DagRelay(outbox, listeners, clock, (error) => faults.push(error));

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'dag-relay-'));
    db = openDocuments(folder);
    clock = new FixedClock();
    outbox = new SqliteDagOutbox(db);
    store = new SqliteDagStore(db, outbox);
    faults = [];
  });
  afterEach(() => {
    db.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('begins with what stands, and brings what comes at once, to every listener', async () => {
    const [one, two] = [new Listed(), new Listed()];
    await store.create(aDag({ title: 'A' }));
    const relay = aRelay(one, two);
    relay.start();
    await settle();
    expect(one.heard).toEqual(['created A']);
    const { dag } = await store.create(aDag({ title: 'B' }));
    await store.remove(dag.domain, dag.id, { at: dag.createdAt, by: 'bob' });
    await settle();
    expect(one.heard).toEqual(['created A', 'created B', 'deleted B']);
    expect(two.heard).toEqual(one.heard);
    expect(await outbox.waiting(10)).toEqual([]);
  });

  it('finds what another process has written', async () => {
    const one = new Listed();
    aRelay(one).start();
    await settle();
    await new SqliteDagStore(db, new SqliteDagOutbox(db)).create(aDag({ title: 'A' }));
    await settle();
    expect(one.heard).toEqual([]);
    await clock.advance(LOOK_FOR_FACTS_MS);
    expect(one.heard).toEqual(['created A']);
  });

  it('keeps what a listener did not take, and brings it again to all after longer and longer pauses', async () => {
    const [one, two] = [new Listed(), new Listed()];
    two.fault = new Error('away');
    const relay = aRelay(one, two);
    relay.start();
    const { dag } = await store.create(aDag({ title: 'A' }));
    await clock.advance(60_000);
    expect(faults.length).toBeGreaterThan(3);
    expect(faults.length).toBeLessThan(12);
    expect(await outbox.waiting(10)).toHaveLength(1);
    two.fault = undefined;
    await store.update({ ...dag, status: 'stopped' }, 1, { publish: false });
    await clock.advance(60_000);
    expect(two.heard).toEqual(['created A', 'status_changed A']);
    expect([...new Set(one.heard)]).toEqual(two.heard);
    expect(await outbox.waiting(10)).toEqual([]);
  });

  it('takes nothing more once it has stopped', async () => {
    const one = new Listed();
    const relay = aRelay(one);
    relay.start();
    await settle();
    await relay.stop();
    await store.create(aDag());
    await clock.advance(60_000);
    expect([one.heard, (await outbox.waiting(10)).length]).toEqual([[], 1]);
  });

  it('makes events of them that wait to be told, under their own ids', async () => {
    const events = new MemoryEventOutbox();
    let rings = 0;
    const listener = new DagEvents(events, () => (rings += 1));
    aRelay(listener).start();
    const { dag } = await store.create(aDag({ title: 'A', tags: ['x'], labels: { team: 'y' } }));
    const facts = await outbox.waiting(10);
    await settle();
    await listener.hear(facts);
    const [event, ...others] = await events.waiting('dag.lifecycle', 10);
    expect(others).toEqual([]);
    expect(rings).toBe(2);
    const id = `${dag.id}:0000000001.0`;
    expect(event).toMatchObject({ id, topic: 'dag.lifecycle', key: dag.id, at: Date.parse(dag.updatedAt) });
    expect(JSON.parse(event?.body ?? '') as CloudEvent<DagEventData>).toEqual({
      specversion: '1.0',
      id,
      source: '/flow-automation/acme',
      type: 'automation.dag.created',
      subject: dag.id,
      time: dag.updatedAt,
      datacontenttype: 'application/json',
      schemaversion: 1,
      sequence: '0000000001.0',
      data: {
        id: dag.id,
        businessDomain: 'acme',
        title: 'A',
        type: dag.type,
        version: 'v0.0.0',
        status: 'normal',
        trigger: 'manual',
        priority: dag.priority,
        tags: ['x'],
        labels: { team: 'y' },
        createdBy: dag.createdBy,
        createdAt: dag.createdAt,
        updatedAt: dag.updatedAt,
        by: dag.modifiedBy,
      },
    });
  });
});
