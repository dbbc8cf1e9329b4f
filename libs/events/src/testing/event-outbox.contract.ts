import type { EventOutbox, WaitingEvent } from '@flow/events';

export interface OpenedOutbox {
  readonly outbox: EventOutbox;
  /** Puts events there, together and in this order, as the store that they come in by does. */
  readonly put: (events: readonly WaitingEvent[]) => Promise<void>;
  /** A second look at the same data, as another process or a restart would have it. */
  readonly reopen: () => Promise<EventOutbox>;
  readonly close: () => Promise<void> | void;
}

const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1) + seconds * 1_000);

export function anEvent(key: string, seq: number, change: Partial<WaitingEvent> = {}): WaitingEvent {
  const id = `${key}:${String(seq).padStart(10, '0')}.0`;
  return {
    id,
    topic: 'instance.lifecycle',
    key,
    at: at(seq).getTime(),
    body: JSON.stringify({ id, text: 'Ümläut \u0000 🙂' }),
    ...change,
  };
}

/** What every EventOutbox keeps. */
export function eventOutboxContract(name: string, open: () => Promise<OpenedOutbox>): void {
  describe(`${name} as an EventOutbox`, () => {
    let world: OpenedOutbox;
    let outbox: EventOutbox;
    beforeEach(async () => {
      world = await open();
      outbox = world.outbox;
    });
    afterEach(() => world.close());

    it('keeps what waits as it came, in the order of its ids, also after a restart', async () => {
      const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
      const [a1, a2] = [anEvent('A', 1), anEvent('A', 2, { traceparent })];
      const [a10, b1] = [anEvent('A', 10), anEvent('B', 1)];
      await world.put([b1]);
      await world.put([a1, a2]);
      await world.put([a10]);
      for (const one of [outbox, await world.reopen()]) {
        expect(await one.waiting('instance.lifecycle', 10)).toEqual([a1, a2, a10, b1]);
        expect(await one.waiting('instance.lifecycle', 2)).toEqual([a1, a2]);
      }
    });

    it('gives what waits on a topic, whatever waits on another', async () => {
      const [a, b] = [anEvent('A', 1, { topic: 'dag.lifecycle' }), anEvent('B', 1)];
      await world.put([a, b]);
      expect(await outbox.waiting('dag.lifecycle', 1)).toEqual([a]);
      expect(await outbox.waiting('instance.lifecycle', 1)).toEqual([b]);
      expect((await outbox.backlog()).count).toBe(2);
    });

    it('has one of what is put there twice', async () => {
      const [first, second] = [anEvent('A', 1), anEvent('A', 2)];
      await world.put([first]);
      await Promise.all([world.put([first, second]), world.put([first, second])]);
      expect(await outbox.waiting('instance.lifecycle', 10)).toEqual([first, second]);
    });

    it('takes what is put there by itself, once', async () => {
      const [a1, a2, b1] = [anEvent('A', 1), anEvent('A', 2), anEvent('B', 1)];
      await outbox.put([]);
      await Promise.all([outbox.put([a1, b1]), outbox.put([a1, a2])]);
      await outbox.put([{ ...a2, body: 'another' }]);
      expect(await (await world.reopen()).waiting('instance.lifecycle', 10)).toEqual([a1, a2, b1]);
    });

    it('forgets what was told, and takes unknown ids for told', async () => {
      const [first, second] = [anEvent('A', 1), anEvent('A', 2)];
      await world.put([first, second]);
      await outbox.settle([first.id, 'unknown']);
      await outbox.settle([first.id]);
      expect(await (await world.reopen()).waiting('instance.lifecycle', 10)).toEqual([second]);
    });

    it('knows how much waits, and since when', async () => {
      expect(await outbox.backlog()).toEqual({ count: 0, oldestAt: undefined });
      await world.put([anEvent('B', 7), anEvent('B', 9)]);
      await world.put([anEvent('C', 5)]);
      expect(await outbox.backlog()).toEqual({ count: 3, oldestAt: at(5) });
      await outbox.settle([anEvent('C', 5).id]);
      expect(await outbox.backlog()).toEqual({ count: 2, oldestAt: at(7) });
    });

    it('is told from by whoever asks again and again', async () => {
      expect(await outbox.lead('one', at(0), at(40))).toBe(true);
      expect(await outbox.lead('one', at(20), at(60))).toBe(true);
      expect(await outbox.lead('one', at(30), at(30))).toBe(false);
      expect(await outbox.lead('one', at(30), at(70))).toBe(true);
    });
  });
}

/** What is more where several processes share the outbox. */
export function sharedEventOutboxContract(name: string, open: () => Promise<OpenedOutbox>): void {
  describe(`${name} as an EventOutbox of several processes`, () => {
    let world: OpenedOutbox;
    beforeEach(async () => (world = await open()));
    afterEach(() => world.close());

    it('is told from by one of them at a time: by the next when that gives it up, or its time is over', async () => {
      const [one, two] = [world.outbox, await world.reopen()];
      const both = await Promise.all([one.lead('one', at(0), at(40)), two.lead('two', at(0), at(40))]);
      expect(both.filter(Boolean)).toHaveLength(1);
      const [leader, other] = both[0] ? (['one', 'two'] as const) : (['two', 'one'] as const);
      expect(await two.lead(other, at(39), at(79))).toBe(false);
      expect(await one.lead(leader, at(39), at(79))).toBe(true);
      expect(await two.lead(other, at(79), at(119))).toBe(true);
      expect(await one.lead(leader, at(80), at(120))).toBe(false);
      expect(await two.lead(other, at(80), at(80))).toBe(false);
      expect(await one.lead(leader, at(80), at(120))).toBe(true);
    });
  });
}
