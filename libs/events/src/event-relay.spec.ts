import { FixedClock, SeededRandom, settle } from '@flow/testing/kernel';
import { MemoryEventOutbox, anEvent } from '@flow/testing/events';
import { EventPublisher } from './event-publisher';
import { EventRelay, LEAD_MS, LOOK_AT_LEADER_MS, LOOK_MS } from './event-relay';
import type { WaitingEvent } from './event';

/** Tells a test what it was given. */
class ListedPublisher extends EventPublisher {
  readonly batches: string[][] = [];
  fault: Error | undefined;
  attempts = 0;
  /** A topic that is not there. */
  missing: string | undefined;
  /** Set to hold a batch back. */
  gate: Promise<void> | undefined;

  override async publish(events: readonly WaitingEvent[]): Promise<void> {
    this.attempts += 1;
    await this.gate;
    if (this.fault) throw this.fault;
    if (events.some(({ topic }) => topic === this.missing)) throw new Error(`There is no ${this.missing}.`);
    this.batches.push(events.map(({ id }) => id));
  }
}

describe('the relay of events', () => {
  let clock: FixedClock;
  let outbox: MemoryEventOutbox;
  let faults: unknown[];
  let published: number;
  const aRelay = (publisher: EventPublisher, holder = 'one') =>
    new EventRelay(outbox, publisher, clock, new SeededRandom(1), holder, {
      onFault: (error) => faults.push(error),
      onPublished: (count) => (published += count),
    });
  const many = (count: number, size = 10) =>
    Array.from({ length: count }, (_, i) => anEvent('A', i + 1, { body: 'x'.repeat(size) }));
  const waits = async () => (await outbox.backlog()).count;
  const idsOf = (events: readonly WaitingEvent[]) => events.map(({ id }) => id);

  beforeEach(() => {
    clock = new FixedClock();
    outbox = new MemoryEventOutbox();
    faults = [];
    published = 0;
  });

  it('begins with what stands, and tells what comes as soon as it is woken', async () => {
    const publisher = new ListedPublisher();
    const [first, second] = many(2) as [WaitingEvent, WaitingEvent];
    await outbox.put([first]);
    const relay = aRelay(publisher);
    relay.start();
    await settle();
    expect(publisher.batches).toEqual([[first.id]]);
    await outbox.put([second]);
    relay.wake();
    await settle();
    expect(publisher.batches).toEqual([[first.id], [second.id]]);
    expect([await waits(), published, faults]).toEqual([0, 2, []]);
  });

  it('tells many in batches, in their order, no batch larger than a broker takes', async () => {
    const publisher = new ListedPublisher();
    const all = [...many(1_200), ...[1, 2, 3].map((seq) => anEvent('B', seq, { body: 'x'.repeat(400_000) }))];
    await outbox.put(all);
    aRelay(publisher).start();
    await settle();
    expect(publisher.batches.flat()).toEqual(idsOf(all));
    expect(publisher.batches.map(({ length }) => length)).toEqual([500, 500, 201, 1, 1]);
  });

  it('keeps what cannot be told, asks after longer and longer pauses, and catches up in order', async () => {
    const publisher = new ListedPublisher();
    const all = many(600);
    await outbox.put(all);
    publisher.fault = new Error('away');
    const relay = aRelay(publisher);
    relay.start();
    await clock.advance(1_500);
    expect(publisher.attempts).toBe(2);
    relay.wake();
    await settle();
    expect(publisher.attempts).toBe(2);
    await clock.advance(10 * 60_000);
    expect(publisher.attempts).toBeLessThan(80);
    expect(await waits()).toBe(600);
    publisher.fault = undefined;
    await clock.advance(40_000);
    expect(publisher.batches.flat()).toEqual(idsOf(all));
  });

  it('tells the others when a topic takes nothing, and that one when it does', async () => {
    const publisher = new ListedPublisher();
    const ofDags = anEvent('A', 1, { topic: 'dag.lifecycle' });
    const [first, second] = [anEvent('B', 1), anEvent('B', 2)];
    publisher.missing = 'dag.lifecycle';
    await outbox.put([ofDags, first]);
    const relay = aRelay(publisher);
    relay.start();
    await settle();
    expect(publisher.batches).toEqual([[first.id]]);
    expect(relay.fault?.message).toBe('There is no dag.lifecycle.');
    await outbox.put([second]);
    await clock.advance(60_000);
    expect(publisher.batches).toEqual([[first.id], [second.id]]);
    expect([faults.length > 3, faults.length < 12]).toEqual([true, true]);
    publisher.missing = undefined;
    await clock.advance(20_000);
    expect(publisher.batches).toEqual([[first.id], [second.id], [ofDags.id]]);
    expect([relay.fault, await waits()]).toEqual([undefined, 0]);
  });

  it('tells again what was told and could not be settled', async () => {
    const publisher = new ListedPublisher();
    const all = many(3);
    await outbox.put(all);
    outbox.faults.settle = 1;
    aRelay(publisher).start();
    await clock.advance(5_000);
    expect(publisher.batches).toEqual([idsOf(all), idsOf(all)]);
    expect([faults.length, published]).toEqual([1, 3]);
  });

  it('is done by one process; another goes on when that stops, or when its time is over', async () => {
    const [one, two] = [new ListedPublisher(), new ListedPublisher()];
    const first = aRelay(one, 'one');
    const second = aRelay(two, 'two');
    first.start();
    await settle();
    second.start();
    await settle();
    await outbox.put(many(1));
    second.wake();
    await clock.advance(LOOK_MS);
    expect([one.batches.length, two.batches.length]).toEqual([1, 0]);
    await first.stop(1_000);
    await outbox.put(many(1));
    await clock.advance(LOOK_AT_LEADER_MS);
    expect([one.batches.length, two.batches.length]).toEqual([1, 1]);
    // The second one dies: nobody gives its place up.
    clock.forgetAlarms();
    const third = aRelay(one, 'three');
    third.start();
    await outbox.put(many(1));
    await clock.advance(LEAD_MS + LOOK_AT_LEADER_MS);
    expect(one.batches.length).toBe(2);
  });

  it('stops after the batch that is under way, and no later than it is told', async () => {
    const publisher = new ListedPublisher();
    await outbox.put(many(600));
    let open: () => void = () => undefined;
    publisher.gate = new Promise((resolve) => (open = resolve));
    const relay = aRelay(publisher);
    relay.start();
    await settle();
    let hasStopped = false;
    const stopped = relay.stop(5_000).then(() => (hasStopped = true));
    await clock.advance(1_000);
    expect(hasStopped).toBe(false);
    open();
    await stopped;
    expect(await waits()).toBe(100);
    publisher.gate = new Promise(() => undefined);
    const again = aRelay(publisher);
    again.start();
    await settle();
    const late = again.stop(5_000);
    await clock.advance(5_000);
    await late;
    expect(await waits()).toBe(100);
  });
});
