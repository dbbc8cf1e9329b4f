import { AuditTrail, auditEventOf, type AuditedCommand } from '@flow/audit';
import { MemoryAuditJournal, MemoryAuditStore, PUBLIC, aChain, aCommand, anEntry, later } from '@flow/testing/audit';
import { FixedClock } from '@flow/testing/kernel';
import { DENIALS_A_WINDOW, WINDOW_MS } from './denials';

const DONE = { outcome: 'done', endedAt: later(9), status: 200, code: null } as const;
const DENIED = { outcome: 'refused', endedAt: later(9), status: 403, code: 'permission.missing' } as const;

class World {
  readonly journal = new MemoryAuditJournal();
  readonly store = new MemoryAuditStore();
  readonly clock = new FixedClock();
  readonly faults: unknown[] = [];
  readonly trail = this.aTrail('me');

  aTrail(owner: string): AuditTrail {
    return new AuditTrail(this.journal, this.store, aChain(), this.clock, owner, {
      onFault: (error) => this.faults.push(error),
      onLinked: () => undefined,
    });
  }

  async records() {
    return this.store.behind(PUBLIC, 0, 1_000);
  }
}

const command = (n: number, change: Partial<AuditedCommand> = {}): AuditedCommand => ({
  ...anEntry(n).command,
  ...change,
});

describe('The trail', () => {
  let world: World;
  beforeEach(() => {
    world = new World();
  });

  it('has a command in its journal before it is carried out, and out of it when its record stands', async () => {
    await world.trail.begin(command(1), 1_000);
    expect([...world.journal.entries.keys()]).toEqual([command(1).id]);
    expect(await world.records()).toEqual([]);
    world.trail.end(command(1).id, DONE);
    await world.trail.settled();
    expect(await world.records()).toMatchObject([{ id: command(1).id, sequence: 1, outcome: 'done' }]);
    expect(world.journal.entries.size).toBe(0);
    expect(world.trail.waiting).toBe(0);
  });

  it('links by itself, many at once', async () => {
    for (let n = 1; n <= 3; n += 1) {
      await world.trail.begin(command(n), 1_000);
      world.trail.end(command(n).id, DONE);
    }
    await world.clock.advance(250);
    await world.trail.settled();
    expect(await world.records()).toHaveLength(3);
  });

  it('refuses what cannot be put into the journal, and forgets it', async () => {
    world.journal.add = () => Promise.reject(new Error('the disk is full'));
    await expect(world.trail.begin(command(1), 1_000)).rejects.toThrow('the disk is full');
    world.trail.end(command(1).id, DONE);
    await world.trail.settled();
    expect(await world.records()).toEqual([]);
  });

  it('keeps what cannot be linked, and tries again', async () => {
    const append = world.store.append.bind(world.store);
    world.store.append = () => Promise.reject(new Error('the store is away'));
    await world.trail.begin(command(1), 1_000);
    world.trail.end(command(1).id, DONE);
    await expect(world.trail.settled()).rejects.toThrow('the store is away');
    expect(world.journal.entries.size).toBe(1);
    world.store.append = append;
    await world.trail.settled();
    expect([(await world.records()).length, world.journal.entries.size, world.faults.length]).toEqual([1, 0, 1]);
  });

  it('finishes what a dead process has left: as unknown, or with the result that it had written down', async () => {
    await world.trail.begin(command(1), 1_000);
    await world.journal.add([anEntry(2, { result: DENIED })]);
    const next = world.aTrail('next');
    await next.start();
    await next.stop(1_000);
    expect(await world.records()).toMatchObject([
      { id: command(1).id, outcome: 'unknown', status: null },
      { id: command(2).id, outcome: 'refused', code: 'permission.missing' },
    ]);
    expect(world.journal.entries.size).toBe(0);
  });

  it('has one record of what was linked and not taken out of the journal', async () => {
    await world.trail.begin(command(1), 1_000);
    await world.store.append(PUBLIC, [aCommand(1)], aChain());
    const next = world.aTrail('next');
    await next.start();
    await next.stop(1_000);
    expect(await world.records()).toMatchObject([{ outcome: 'done' }]);
    expect(world.journal.entries.size).toBe(0);
  });

  it('records so many denials of a token in a minute, then how many more there were', async () => {
    for (let n = 1; n <= DENIALS_A_WINDOW + 25; n += 1) await world.trail.noteDenied(command(n), DENIED);
    await world.trail.noteDenied(command(900, { actor: { principal: 'eve', tokenId: 't2' } as never }), DENIED);
    await world.trail.settled();
    expect(await world.records()).toHaveLength(DENIALS_A_WINDOW + 1);
    await world.trail.start();
    await world.clock.advance(WINDOW_MS);
    await world.trail.stop(1_000);
    expect((await world.records()).at(-1)).toMatchObject({
      action: 'audit.unrecorded',
      actor: { principal: 'ada' },
      details: { count: 25, first: 'dag.create' },
    });
  });

  it('tells a record under the same id and in the same bytes whenever it is told', async () => {
    await world.trail.note(command(1), DENIED);
    await world.trail.settled();
    const [record] = await world.records();
    const event = auditEventOf(record!);
    expect(event).toEqual(auditEventOf(record!));
    expect(event).toMatchObject({ id: 'audit:public:000000000001', topic: 'audit', key: 'public' });
    expect(JSON.parse(event.body)).toMatchObject({
      type: 'automation.audit.recorded',
      subject: command(1).id,
      data: { businessDomain: 'public', sequence: 1, hash: record!.hash, outcome: 'refused' },
    });
  });
});
