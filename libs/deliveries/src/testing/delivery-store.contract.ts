import { laneOf, type DeadLetter, type DeliveryStore, type NewDelivery } from '@flow/deliveries';
import type { DomainId } from '@flow/kernel';
import { aDelivery } from './a-delivery';

export interface OpenedDeliveries<T> {
  readonly store: T;
  /** A second look at the same data, as another process or a restart would have it. */
  readonly reopen: () => Promise<T>;
  readonly close: () => Promise<void> | void;
}

const ACME = 'acme' as DomainId;
const OTHER = 'other' as DomainId;
const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1) + seconds * 1000);
const ids = (items: readonly { readonly id: string }[]) => items.map(({ id }) => id);

/** What every DeliveryStore keeps. */
export function deliveryStoreContract(name: string, open: () => Promise<OpenedDeliveries<DeliveryStore>>): void {
  describe(`${name} as a DeliveryStore`, () => {
    let world: OpenedDeliveries<DeliveryStore>;
    let store: DeliveryStore;
    beforeEach(async () => {
      world = await open();
      store = world.store;
    });
    afterEach(() => world.close());

    const added = async (change: Partial<NewDelivery> = {}, seconds = 0) => {
      const delivery = aDelivery(change);
      await store.add(delivery, at(seconds));
      return delivery;
    };
    const buried = async (change: Partial<NewDelivery> = {}, seconds = 10) => {
      const delivery = await added(change);
      await store.bury(delivery.id, { attempts: 11, lastError: 'The receiver answered 500.', at: at(seconds) });
      return delivery;
    };
    const due = (delivery: NewDelivery, seconds = 0) => store.due(laneOf(delivery), at(seconds), 10);

    describe('deliveries that wait', () => {
      it('are due at once, as they were added, also after a restart', async () => {
        const delivery = await added();
        for (const one of [store, await world.reopen()]) {
          expect(await one.due(laneOf(delivery), at(0), 10)).toEqual([{ ...delivery, attempts: 0 }]);
          expect(await one.lanes()).toEqual([{ lane: laneOf(delivery), nextAt: at(0) }]);
          expect(await one.stateOf(ACME, delivery.instance)).toEqual({
            status: 'pending',
            url: delivery.url,
            attempts: 0,
            nextAt: at(0).toISOString(),
            lastError: null,
          });
          expect(await one.counts()).toEqual({ pending: 1, dead: 0 });
        }
      });

      it('keep the trace that they belong to, at every attempt, and when a dead one is driven anew', async () => {
        const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
        const delivery = await added({ traceparent });
        await store.postpone(delivery.id, { attempts: 1, nextAt: at(1), lastError: 'x' });
        expect(await due(delivery, 1)).toEqual([{ ...delivery, attempts: 1 }]);
        await store.bury(delivery.id, { attempts: 2, lastError: 'x', at: at(2) });
        await store.redrive(ACME, delivery.id, at(3));
        expect(await due(delivery, 3)).toEqual([{ ...delivery, attempts: 0 }]);
      });

      it('stay as they are when they are added again, whatever became of them', async () => {
        const [waits, taken, dead] = [await added(), await added(), await buried()];
        await store.postpone(waits.id, { attempts: 1, nextAt: at(60), lastError: 'x' });
        await store.settle(taken.id, 1);
        for (const one of [waits, taken, dead]) await store.add(one, at(5));
        expect((await store.stateOf(ACME, waits.instance))?.attempts).toBe(1);
        expect((await store.stateOf(ACME, taken.instance))?.status).toBe('delivered');
        expect((await store.stateOf(ACME, dead.instance))?.status).toBe('dead');
        expect(await due(waits, 10)).toEqual([]);
        await store.remove(ACME, dead.id);
        await store.add(dead, at(5));
        expect(await due(dead, 10)).toEqual([]);
      });

      it('come back when their time has come, and say what kept them', async () => {
        const delivery = await added();
        await store.postpone(delivery.id, { attempts: 2, nextAt: at(30), lastError: 'No answer.' });
        expect(await due(delivery, 29)).toEqual([]);
        expect(await due(delivery, 30)).toEqual([{ ...delivery, attempts: 2 }]);
        expect(await store.stateOf(ACME, delivery.instance)).toEqual({
          status: 'pending',
          url: delivery.url,
          attempts: 2,
          nextAt: at(30).toISOString(),
          lastError: 'No answer.',
        });
        expect(await store.lanes()).toEqual([{ lane: laneOf(delivery), nextAt: at(30) }]);
        expect([await store.nextIn(laneOf(delivery)), await store.nextIn('none')]).toEqual([at(30), undefined]);
      });

      it('stand in the order in which they are due, lane by lane', async () => {
        const [late, early, elsewhere] = [
          await added({}, 5),
          await added({}, 1),
          await added({ url: 'http://other.example:8080/' }, 3),
        ];
        const foreign = await added({ domain: OTHER }, 2);
        expect(ids(await due(late, 10))).toEqual([early.id, late.id]);
        expect(ids(await store.due(laneOf(late), at(10), 1))).toEqual([early.id]);
        expect(ids(await due(late, 3))).toEqual([early.id]);
        const lanes = [...(await store.lanes())].sort((a, b) => a.nextAt.getTime() - b.nextAt.getTime());
        expect(lanes).toEqual([
          { lane: laneOf(early), nextAt: at(1) },
          { lane: laneOf(foreign), nextAt: at(2) },
          { lane: laneOf(elsewhere), nextAt: at(3) },
        ]);
      });

      it('that are taken wait no more, and how they stand is known to their domain alone', async () => {
        const delivery = await added();
        await store.settle(delivery.id, 3);
        expect(await store.stateOf(ACME, delivery.instance)).toEqual({
          status: 'delivered',
          url: delivery.url,
          attempts: 3,
          nextAt: null,
          lastError: null,
        });
        expect(await store.stateOf(OTHER, delivery.instance)).toBeUndefined();
        expect([await due(delivery, 99), await store.lanes()]).toEqual([[], []]);
        expect(await store.nextIn(laneOf(delivery))).toBeUndefined();
        // Too late.
        await store.postpone(delivery.id, { attempts: 4, nextAt: at(9), lastError: 'x' });
        await store.bury(delivery.id, { attempts: 4, lastError: 'x', at: at(9) });
        expect((await store.stateOf(ACME, delivery.instance))?.status).toBe('delivered');
        expect(await store.counts()).toEqual({ pending: 0, dead: 0 });
      });

      it('are taken by whoever sends them, as they stand, while they wait', async () => {
        const [waits, gone] = [await added(), await added()];
        const taking = { attempts: 0, now: at(1), until: at(30) };
        expect(await store.take(waits.id, { ...taking, attempts: 1 })).toBe(false);
        expect(await store.take(waits.id, taking)).toBe(true);
        await store.settle(gone.id, 1);
        expect(await store.take(gone.id, { ...taking, attempts: 1 })).toBe(false);
        expect(await store.take('none', taking)).toBe(false);
        expect((await due(waits, 30)).map(({ id }) => id)).toEqual([waits.id]);
        await store.settle(waits.id, 1);
        expect((await store.stateOf(ACME, waits.instance))?.status).toBe('delivered');
      });

      it('of unknown ids are not made up', async () => {
        await store.settle('none', 1);
        await store.postpone('none', { attempts: 1, nextAt: at(1), lastError: 'x' });
        await store.bury('none', { attempts: 1, lastError: 'x', at: at(1) });
        expect(await store.counts()).toEqual({ pending: 0, dead: 0 });
      });
    });

    describe('dead letters', () => {
      it('are what was given up, as it was, also after a restart', async () => {
        const delivery = await buried();
        const letter: DeadLetter = {
          id: delivery.id,
          domain: ACME,
          instance: delivery.instance,
          url: delivery.url,
          attempts: 11,
          lastError: 'The receiver answered 500.',
          createdAt: at(0).toISOString(),
          diedAt: at(10).toISOString(),
        };
        for (const one of [store, await world.reopen()]) {
          expect((await one.deadLetters(ACME, {}, { limit: 10 })).items).toEqual([letter]);
          expect(await one.deadLetter(ACME, delivery.id)).toEqual({ ...letter, body: delivery.body });
          expect(await one.stateOf(ACME, delivery.instance)).toEqual({
            status: 'dead',
            url: delivery.url,
            attempts: 11,
            nextAt: null,
            lastError: 'The receiver answered 500.',
          });
          expect(await one.counts()).toEqual({ pending: 0, dead: 1 });
        }
        expect(await store.lanes()).toEqual([]);
      });

      it('are listed newest first in pages, by host and by instance', async () => {
        const all: NewDelivery[] = [];
        for (let i = 0; i < 7; i += 1)
          all.unshift(await buried({ url: `https://h${i % 2}.example.com/x?n=${i}` }, 10 + Math.floor(i / 2)));
        const byTime = ids(all);
        const seen: string[] = [];
        for (let cursor: string | null | undefined; cursor !== null;) {
          const page = { limit: 3, count: true, ...(cursor !== undefined && { cursor }) };
          const { items, nextCursor, total } = await store.deadLetters(ACME, {}, page);
          expect(total).toBe(7);
          seen.push(...ids(items));
          cursor = nextCursor;
        }
        expect(seen).toEqual(byTime);
        const ofHost = await store.deadLetters(ACME, { host: 'h1.example.com' }, { limit: 2, count: true });
        expect([ids(ofHost.items), ofHost.total]).toEqual([[all[1]!.id, all[3]!.id], 3]);
        const rest = await store.deadLetters(
          ACME,
          { host: 'h1.example.com' },
          { limit: 2, cursor: ofHost.nextCursor! },
        );
        expect([ids(rest.items), rest.nextCursor]).toEqual([[all[5]!.id], null]);
        const one = await store.deadLetters(ACME, { instance: all[2]!.instance }, { limit: 2, count: true });
        expect([ids(one.items), one.total]).toEqual([[all[2]!.id], 1]);
        const none = { instance: all[2]!.instance, host: 'h1.example.com' };
        expect((await store.deadLetters(ACME, none, { limit: 2, count: true })).total).toBe(0);
      });

      it('belong to their domain alone', async () => {
        const { id, instance } = await buried();
        expect((await store.deadLetters(OTHER, {}, { limit: 10, count: true })).total).toBe(0);
        expect((await store.deadLetters(OTHER, { instance }, { limit: 10 })).items).toEqual([]);
        expect(await store.deadLetter(OTHER, id)).toBeUndefined();
        expect(await store.redirect(OTHER, id, 'https://evil.example/')).toBe(false);
        expect(await store.redrive(OTHER, id, at(20))).toBeUndefined();
        expect(await store.remove(OTHER, id)).toBe(false);
        expect((await store.deadLetter(ACME, id))?.url).toBe('https://hooks.example.com/done?key=k');
      });

      it('that are driven anew wait as if they had never been tried, at the address that they were given last', async () => {
        const delivery = await buried();
        const url = 'http://new.example:81/there';
        expect(await store.redirect(ACME, delivery.id, url)).toBe(true);
        expect((await store.deadLetters(ACME, { host: 'new.example:81' }, { limit: 5 })).items).toMatchObject([
          { url },
        ]);
        const lane = laneOf({ ...delivery, url });
        expect(await store.redrive(ACME, delivery.id, at(20))).toBe(lane);
        expect(await store.redrive(ACME, delivery.id, at(20))).toBeUndefined();
        expect(await store.deadLetter(ACME, delivery.id)).toBeUndefined();
        expect(await store.due(lane, at(20), 10)).toEqual([{ ...delivery, url, attempts: 0 }]);
        expect(await store.stateOf(ACME, delivery.instance)).toEqual({
          status: 'pending',
          url,
          attempts: 0,
          nextAt: at(20).toISOString(),
          lastError: null,
        });
        await store.bury(delivery.id, { attempts: 1, lastError: 'gone', at: at(30) });
        expect(await store.deadLetter(ACME, delivery.id)).toMatchObject({
          url,
          body: delivery.body,
          lastError: 'gone',
        });
      });

      it('are driven anew once of many that ask at the same time', async () => {
        const { id } = await buried();
        const again = await world.reopen();
        const lanes = await Promise.all([store, again, store].map((one) => one.redrive(ACME, id, at(20))));
        expect(lanes.filter((lane) => lane !== undefined)).toHaveLength(1);
      });

      it('that are removed are gone, and their deliveries stay dead', async () => {
        const { id, instance } = await buried();
        expect([await store.remove(ACME, id), await store.remove(ACME, id)]).toEqual([true, false]);
        expect(await store.redirect(ACME, id, 'https://x.example/')).toBe(false);
        expect(await store.redrive(ACME, id, at(20))).toBeUndefined();
        expect((await store.stateOf(ACME, instance))?.status).toBe('dead');
        expect(await store.counts()).toEqual({ pending: 0, dead: 0 });
      });
    });
  });
}
