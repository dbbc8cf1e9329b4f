import { RequestInvalid, type JsonObject } from '@flow/kernel';
import { TriggerWorld } from '@flow/testing/triggers';
import {
  EventTopics,
  NO_TOPICS,
  keyOfEvent,
  type ArrivedEvent,
  type SentTrigger,
  type ShownTrigger,
} from '@flow/triggers';

describe('event triggers', () => {
  let world: TriggerWorld;
  beforeEach(async () => {
    world = await TriggerWorld.open();
  });
  afterEach(() => world.close());

  const anEventTrigger = async (sent: Partial<SentTrigger> = {}) =>
    world.aTrigger(await world.aDag(), { kind: 'event', config: { source: 'internal' }, ...sent });
  const anEvent = (id: string, data: JsonObject = {}, type = 'order.placed'): ArrivedEvent => {
    const event = { specversion: '1.0', id, source: '/shop', type, data };
    return { key: keyOfEvent(event), at: world.clock.now(), event, bytes: JSON.stringify(event).length };
  };
  const arrive = async (triggers: readonly ShownTrigger[], ...events: ArrivedEvent[]) => {
    const taken = await world.first.intake.take(triggers, events);
    await world.rest();
    return taken;
  };
  const statuses = async ({ id }: ShownTrigger) => (await world.firings(id)).map(({ status }) => status);
  const faultsOf = async (config: JsonObject): Promise<readonly string[]> => {
    try {
      await anEventTrigger({ config });
      return [];
    } catch (error) {
      return (error as RequestInvalid).faults.map(({ pointer, code }) => `${pointer} ${code}`);
    }
  };

  it('start a run of each event whose type they want, once', async () => {
    const all = await anEventTrigger();
    const orders = await anEventTrigger({ config: { source: 'internal', type: 'order.*' } });
    const paid = await anEventTrigger({ config: { source: 'internal', type: 'order.paid' } });
    const triggers = [all, orders, paid];
    await arrive(triggers, anEvent('e1', { n: 1 }), anEvent('e2', {}, 'order.paid'), anEvent('e3', {}, 'orders'));
    const again = await arrive(triggers, anEvent('e1', { n: 1 }));
    expect(again.map(({ isNew }) => isNew)).toEqual([false, false]);
    expect((await statuses(all)).length).toBe(3);
    expect((await world.firings(orders.id)).map(({ event }) => event.id)).toEqual(['e1', 'e2']);
    expect((await world.firings(paid.id)).map(({ event }) => event.id)).toEqual(['e2']);
    expect(await world.instances()).toHaveLength(6);
    expect(
      (await world.instances()).filter(({ trigger }) => trigger.id === all.id).map(({ input }) => input),
    ).toContainEqual({
      n: 1,
    });
  });

  it('get what the service says of itself only when they name it, but all of a topic', async () => {
    const anything = await anEventTrigger();
    const named = await anEventTrigger({ config: { source: 'internal', type: 'automation.dag.*' } });
    const config = { source: 'kafka', topic: 'told' };
    const reader = { ...(await anEventTrigger()), config };
    await arrive([anything, named, reader], anEvent('e1', {}, 'automation.dag.created'));
    expect([await statuses(anything), await statuses(named), await statuses(reader)]).toEqual([
      [],
      ['fired'],
      ['fired'],
    ]);
  });

  it('keep what nobody can read as a dead letter, and go on with what came beside it', async () => {
    const trigger = await anEventTrigger();
    const dead = { code: 'event.too_large', message: 'Too large.' };
    await arrive([trigger], anEvent('e1'), { ...anEvent('e2'), dead }, anEvent('e3'));
    expect(await world.story(trigger.id)).toEqual([
      '00:00:00 fired',
      '00:00:00 dead event.too_large',
      '00:00:00 fired',
    ]);
  });

  it('start in order what orderBy says belongs together', async () => {
    const trigger = await anEventTrigger({ config: { source: 'internal', orderBy: '{{event.data.customer}}' } });
    await arrive([trigger], anEvent('e1', { customer: 'a' }), anEvent('e2', { customer: 'b' }));
    await arrive([trigger], anEvent('e3', { customer: 'a' }));
    await world.pass(1);
    const firings = await world.firings(trigger.id);
    expect(firings.map(({ orderKey, status }) => `${orderKey} ${status}`)).toEqual(['a fired', 'b fired', 'a fired']);
  });

  it('are refused with every fault at its place', async () => {
    expect(await faultsOf({})).toEqual(['/config/source field.invalid']);
    expect(await faultsOf({ source: 'internal', topic: 'orders' })).toEqual(['/config/topic field.invalid']);
    expect(await faultsOf({ source: 'kafka' })).toEqual(['/config/topic field.invalid']);
    expect(await faultsOf({ source: 'kafka', topic: 'orders' })).toEqual([]);
    expect(await faultsOf({ source: 'kafka', topic: 'shop.orders' })).toEqual([]);
    expect(await faultsOf({ source: 'kafka', topic: 'shopXorders' })).toEqual([
      '/config/topic trigger.topic_forbidden',
    ]);
    expect(await faultsOf({ source: 'kafka', topic: 'shop.dead-letters' })).toEqual([
      '/config/topic trigger.topic_forbidden',
    ]);
    const batch = { size: 10, wait: 'PT2H' };
    expect(await faultsOf({ source: 'internal', batch, orderBy: '{{nobody}}' })).toEqual([
      '/config/batch/wait field.invalid',
      '/config/orderBy expression.unknown_name',
      '/config/orderBy field.invalid',
    ]);
  });

  it('name the setting when there is no Kafka, or when it does not allow the topic', () => {
    expect(NO_TOPICS.faultOf('orders')).toMatchObject({
      code: 'trigger.kafka_missing',
      message: expect.stringContaining('KAFKA_BROKERS') as string,
    });
    expect(new EventTopics({ isConnected: true, allowed: [], own: [] }).faultOf('orders')).toMatchObject({
      code: 'trigger.topic_forbidden',
      message: expect.stringContaining('EVENT_TOPICS_ALLOWED') as string,
    });
  });

  it('are refused with a filter that does not compile', async () => {
    await expect(anEventTrigger({ filter: 'event.data.n >' })).rejects.toMatchObject({
      code: 'trigger.invalid',
      faults: [{ pointer: '/filter' }],
    });
  });

  describe('with a batch', () => {
    const aBatchTrigger = (size: number, more: Partial<SentTrigger> = {}) =>
      anEventTrigger({ config: { source: 'internal', batch: { size, wait: 'PT30S' } }, ...more });
    const batches = async () =>
      (await world.instances()).map(({ input }) => (input.events as { id: string }[]).map(({ id }) => id).join());
    const numbered = (from: number, to: number) =>
      Array.from({ length: to - from + 1 }, (_, i) => anEvent(`e${from + i}`, { n: from + i }));

    it('start one run of as many as they want, and of fewer when the first has waited', async () => {
      const trigger = await aBatchTrigger(3);
      await arrive([trigger], ...numbered(1, 7));
      expect((await batches()).sort()).toEqual(['e1,e2,e3', 'e4,e5,e6']);
      expect(await statuses(trigger)).toContain('gathering');
      await world.pass(29_000);
      expect(await batches()).toHaveLength(2);
      await world.pass(1_000);
      expect((await batches()).sort()).toEqual(['e1,e2,e3', 'e4,e5,e6', 'e7']);
      const firings = await world.firings(trigger.id);
      expect(firings.filter(({ status }) => status === 'batched')).toHaveLength(7);
      const made = firings.filter(({ cause }) => cause === 'batch');
      expect(made.map(({ status }) => status)).toEqual(['fired', 'fired', 'fired']);
      expect(firings.find(({ event }) => event.id === 'e7')?.groupId).toBe(made.at(-1)?.id);
    });

    it('leave out what the filter is not true of', async () => {
      const trigger = await aBatchTrigger(2, { filter: 'event.data.n > 1' });
      await arrive([trigger], ...numbered(1, 3));
      expect(await batches()).toEqual(['e2,e3']);
    });

    it('lose nothing and double nothing, whoever dies and however many make batches', async () => {
      const trigger = await aBatchTrigger(4);
      await arrive([trigger], ...numbered(1, 3));
      world.kill();
      const processes = [await world.startProcess(true), await world.startProcess(true)];
      await Promise.all(processes.map(({ intake }, i) => intake.take([trigger], numbered(4 + 3 * i, 6 + 3 * i))));
      await world.rest();
      await world.pass(60_000);
      const ids = (await batches()).flatMap((batch) => batch.split(','));
      expect(ids.sort()).toEqual(numbered(1, 9).map(({ event }) => event.id));
    });

    it('come to an end with their trigger', async () => {
      const trigger = await aBatchTrigger(4);
      await arrive([trigger], ...numbered(1, 2));
      await world.triggers.remove(world.caller, trigger.id);
      await world.pass(31_000);
      expect((await statuses(trigger)).sort()).toEqual(['batched', 'batched', 'skipped']);
      expect(await world.instances()).toEqual([]);
    });
  });
});
