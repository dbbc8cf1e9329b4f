import { OutboxRelay } from './outbox.relay';
import { outboxItems, type OutboxItem, type OutboxMessage } from './outbox';
import type { InstanceId } from '@flow/kernel';
import { RunWorld } from '@flow/testing/instances';

const SENDER = '01ARZ3NDEKTSV4RRFFQ69G5FAV' as InstanceId;
const items = outboxItems(SENDER, 3, [
  { kind: 'child.cancel', child: '01ARZ3NDEKTSV4RRFFQ69G5FAW' as InstanceId },
  { kind: 'child.cancel', child: '01ARZ3NDEKTSV4RRFFQ69G5FAX' as InstanceId },
]);

describe('the relay of messages', () => {
  let world: RunWorld;
  let taken: OutboxMessage[];
  let faults: OutboxItem[];
  let failures: number;
  const aRelay = () =>
    new OutboxRelay(
      world.store,
      world.runner.projector,
      world.clock,
      ({ message }) => {
        if (failures > 0) {
          failures -= 1;
          return Promise.reject(new Error('The other side cannot be told now.'));
        }
        taken.push(message);
        return Promise.resolve();
      },
      (_error, item) => faults.push(item),
    );

  const ready = async () => {
    const relay = aRelay();
    await relay.resume();
    return relay;
  };

  beforeEach(async () => {
    world = await RunWorld.open();
    [taken, faults, failures] = [[], [], 0];
  });
  afterEach(() => world.close());

  it('keeps what is sent before all runs were taken over until they are', async () => {
    const relay = aRelay();
    relay.send(items);
    await world.clock.advance(1_000);
    expect(taken).toEqual([]);
    await relay.resume();
    await world.clock.advance(1_000);
    expect(taken).toHaveLength(2);
  });

  it('delivers each message once while it is on its way, however often it is sent', async () => {
    const relay = await ready();
    relay.send(items);
    relay.send(items);
    await world.clock.advance(1_000);
    expect(taken).toEqual(items.map(({ message }) => message));
    expect(relay.waiting).toBe(0);
  });

  it('tries again, after longer and longer pauses, until a message is taken', async () => {
    const relay = await ready();
    failures = 12;
    relay.send(items.slice(0, 1));
    await world.clock.advance(1_000);
    const early = faults.length;
    await world.clock.advance(10 * 60_000);
    expect([early, faults.length, taken.length, relay.waiting]).toEqual([3, 12, 1, 0]);
  });

  it('keeps none from being delivered by one that cannot be', async () => {
    const relay = await ready();
    failures = 1;
    relay.send(items);
    await world.clock.advance(0);
    expect(taken).toEqual([items[1]?.message]);
    await world.clock.advance(1_000);
    expect(taken).toEqual([items[1]?.message, items[0]?.message]);
  });

  it('sends nothing any more when it was stopped: the rows have it', async () => {
    const relay = await ready();
    failures = Infinity;
    relay.send(items.slice(0, 1));
    await world.clock.advance(1_000);
    relay.stop();
    failures = 0;
    relay.send(items);
    await world.clock.advance(60_000);
    expect([taken, relay.waiting]).toEqual([[], 0]);
  });
});
