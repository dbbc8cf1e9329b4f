import { LANES, laneOf, type Dispatch, type DispatchConsumer, type DispatchQueue } from '@flow/instances';
import type { DomainId, InstanceId, Priority } from '@flow/kernel';
import { anId } from './an-instance';

interface Dispatching {
  /** Of two processes. */
  readonly here: DispatchQueue;
  readonly there: DispatchQueue;
  nowMs(): number;
  /** Time goes on, and what is ready to happen then has happened. */
  wait(ms: number): Promise<void>;
  close(): Promise<void> | void;
}

/** Takes what it is brought, holds it until it is let go of, and remembers the order. */
class Taker implements DispatchConsumer {
  hasRoom = true;
  readonly taken: InstanceId[] = [];
  private readonly open: (() => void)[] = [];

  constructor(
    private readonly most = Infinity,
    private readonly fails: (id: InstanceId) => boolean = () => false,
  ) {}

  take(id: InstanceId): Promise<void> {
    this.taken.push(id);
    if (this.taken.length >= this.most) this.hasRoom = false;
    if (this.fails(id)) return Promise.reject(new Error('The store is away.'));
    return this.isHolding ? new Promise((resolve) => this.open.push(resolve)) : Promise.resolve();
  }

  isHolding = false;
  letGo(): void {
    this.isHolding = false;
    for (const resolve of this.open.splice(0)) resolve();
  }
}

/** What every DispatchQueue keeps while nothing is away. */
export function dispatchQueueContract(name: string, open: () => Promise<Dispatching>): void {
  describe(`${name} as a DispatchQueue`, () => {
    let world: Dispatching;
    beforeEach(async () => {
      world = await open();
    });
    afterEach(() => world.close());

    const acme = 'acme' as DomainId;
    const other = Array.from({ length: 1_000 }, (_, i) => `domain-${i}` as DomainId).find(
      (domain) => laneOf(domain) !== laneOf(acme),
    )!;
    const aDispatch = (change: Partial<Dispatch> = {}): Dispatch => ({
      id: anId<InstanceId>(),
      epoch: 0,
      domain: acme,
      priority: 'medium',
      ...change,
    });
    const offer = async (...dispatches: Dispatch[]): Promise<InstanceId[]> => {
      for (const dispatch of dispatches) expect(await world.here.offer(dispatch)).toBe(true);
      return dispatches.map(({ id }) => id);
    };
    /** Until so many are taken; a little longer, so that one too many would show. */
    const taken = async (count: number, ...takers: Taker[]): Promise<InstanceId[]> => {
      for (let i = 0; i < 400 && takers.flatMap((taker) => taker.taken).length < count; i += 1) await world.wait(25);
      await world.wait(200);
      return takers.flatMap((taker) => taker.taken);
    };

    it('brings what one process offers to the consumer of another, also what was offered before it came', async () => {
      const before = await offer(aDispatch(), aDispatch({ domain: other }));
      const taker = new Taker();
      world.there.consume(taker);
      expect(new Set(await taken(2, taker))).toEqual(new Set(before));
      const after = await offer(aDispatch());
      expect((await taken(3, taker))[2]).toBe(after[0]);
    });

    it('brings each to one of several consumers', async () => {
      const [here, there] = [new Taker(), new Taker()];
      world.here.consume(here);
      world.there.consume(there);
      const ids = await offer(...Array.from({ length: 60 }, (_, i) => aDispatch({ domain: `d${i}` as DomainId })));
      const all = await taken(60, here, there);
      expect(all.slice().sort()).toEqual(ids.slice().sort());
    });

    it('makes one of doubles while they wait, and knows a later epoch apart', async () => {
      const one = aDispatch();
      await offer(one, one, { ...one, priority: 'high' });
      const taker = new Taker();
      world.there.consume(taker);
      expect(await taken(1, taker)).toEqual([one.id]);
      // It was claimed, or dropped: it may come again.
      await offer(one, { ...one, epoch: 1 });
      expect(await taken(3, taker)).toEqual([one.id, one.id, one.id]);
    });

    it('brings higher priorities first, then whoever came first', async () => {
      const priorities: readonly Priority[] = ['low', 'medium', 'highest', 'lowest', 'high', 'medium', 'highest'];
      const ids = await offer(...priorities.map((priority) => aDispatch({ priority })));
      const order = [2, 6, 4, 1, 5, 0, 3].map((i) => ids[i]);
      const taker = new Taker();
      world.there.consume(taker);
      expect(await taken(ids.length, taker)).toEqual(order);
    });

    it('lets no domain wait for all of another', async () => {
      await offer(...Array.from({ length: 100 }, () => aDispatch({ priority: 'highest' })));
      const [late] = await offer(aDispatch({ domain: other, priority: 'lowest' }));
      const taker = new Taker();
      world.there.consume(taker);
      expect((await taken(101, taker)).indexOf(late!)).toBeLessThan(20);
    });

    it('brings nothing before its time', async () => {
      const at = world.nowMs() + 1_000;
      const [soon] = await offer(aDispatch({ at }), aDispatch({ at: world.nowMs() + 3_600_000 }));
      const [now] = await offer(aDispatch({ at: world.nowMs() - 1_000 }));
      const taker = new Taker();
      let takenAt = 0;
      const take = taker.take.bind(taker);
      taker.take = (id) => {
        if (id === soon) takenAt = world.nowMs();
        return take(id);
      };
      world.there.consume(taker);
      expect(await taken(2, taker)).toEqual([now, soon]);
      expect(takenAt).toBeGreaterThanOrEqual(at);
      expect(await world.here.depths()).toEqual([{ lane: laneOf(acme), waiting: 0, later: 1 }]);
    });

    it('brings nothing to who has no room, and goes on when there is some', async () => {
      const taker = new Taker(3);
      world.there.consume(taker);
      const ids = await offer(...Array.from({ length: 5 }, () => aDispatch()));
      // What was on its way when the room was gone may come all the same.
      const before = await taken(3, taker);
      expect(before.length).toBeLessThan(5);
      const [{ waiting } = { waiting: 0 }] = await world.here.depths();
      expect(waiting).toBe(5 - before.length);
      Object.assign(taker, { most: Infinity, hasRoom: true });
      expect(new Set(await taken(5, taker))).toEqual(new Set(ids));
    });

    it('drops what could not be taken, and goes on with the rest', async () => {
      const [bad, good] = [aDispatch(), aDispatch()];
      const taker = new Taker(Infinity, (id) => id === bad.id);
      world.there.consume(taker);
      await offer(bad, good);
      expect(await taken(2, taker)).toEqual([bad.id, good.id]);
      expect(await world.here.depths()).toEqual([]);
      await offer(bad);
      expect(await taken(3, taker)).toEqual([bad.id, good.id, bad.id]);
    });

    it('takes nothing after it was stopped, and waits for what it was taking', async () => {
      const taker = new Taker();
      taker.isHolding = true;
      const stop = world.there.consume(taker);
      await offer(aDispatch());
      await taken(1, taker);
      let hasStopped = false;
      const stopping = stop().then(() => (hasStopped = true));
      await world.wait(50);
      expect(hasStopped).toBe(false);
      taker.letGo();
      await stopping;
      const [left] = await offer(aDispatch());
      expect(await taken(2, taker)).toHaveLength(1);
      const next = new Taker();
      world.here.consume(next);
      expect(await taken(1, next)).toEqual([left]);
    });

    it('tells how much waits in each lane', async () => {
      await offer(aDispatch(), aDispatch(), aDispatch({ domain: other }), aDispatch({ at: world.nowMs() + 60_000 }));
      const depths = [
        { lane: laneOf(acme), waiting: 2, later: 1 },
        { lane: laneOf(other), waiting: 1, later: 0 },
      ];
      expect(await world.there.depths()).toEqual(depths.sort((a, b) => a.lane - b.lane));
    });

    it('knows a fixed number of lanes', () => {
      const lanes = new Set(Array.from({ length: 2_000 }, (_, i) => laneOf(`d${i}` as DomainId)));
      expect(lanes.size).toBe(LANES);
      expect([...lanes].every((lane) => Number.isInteger(lane) && lane >= 0 && lane < LANES)).toBe(true);
    });
  });
}
