import type { LiveFanOut, News } from '@flow/instances';
import type { InstanceId } from '@flow/kernel';
import { anId } from './an-instance';

interface FanOuts {
  /** Of two processes. */
  readonly here: LiveFanOut;
  readonly there: LiveFanOut;
  /** Resolves when what was subscribed to stands, and what was published has arrived. */
  settled(): Promise<void>;
  close(): Promise<void> | void;
}

/** What every LiveFanOut keeps while nothing is away. */
export function liveFanOutContract(name: string, open: () => Promise<FanOuts>): void {
  describe(`${name} as a LiveFanOut`, () => {
    let world: FanOuts;
    const [one, other] = [anId<InstanceId>(), anId<InstanceId>()];
    beforeEach(async () => {
      world = await open();
    });
    afterEach(() => world.close());

    /** What is heard from when the listening stands; that it does may be told as news. */
    const hears = async (fanOut: LiveFanOut, id: InstanceId) => {
      const heard: News[] = [];
      const stop = fanOut.subscribe(id, (news) => heard.push(news));
      await world.settled();
      heard.length = 0;
      return { heard, stop };
    };
    const publishes = async (fanOut: LiveFanOut, id: InstanceId, news: News) => {
      fanOut.publish(id, news);
      await world.settled();
    };

    it('tells news of an instance to whoever watches it in another process, by their kind', async () => {
      const watched = await hears(world.there, one);
      const beside = await hears(world.there, other);
      await publishes(world.here, one, 'events');
      await publishes(world.here, one, 'lines');
      expect(watched.heard).toEqual(['events', 'lines']);
      expect(beside.heard).toEqual([]);
    });

    it('loses neither kind when both come at once, with news of others between them', async () => {
      const watched = await hears(world.there, one);
      for (const news of ['lines', 'events'] as const) for (const id of [one, other]) world.here.publish(id, news);
      await world.settled();
      expect(new Set(watched.heard)).toEqual(new Set(['events', 'lines']));
    });

    it('does not tell a process what it publishes itself', async () => {
      const watched = await hears(world.here, one);
      await publishes(world.here, one, 'events');
      expect(watched.heard).toEqual([]);
      await publishes(world.there, one, 'lines');
      expect(watched.heard).toEqual(['lines']);
    });

    it('tells nothing to who has stopped, and goes on for the others', async () => {
      const [gone, stays] = [await hears(world.there, one), await hears(world.there, one)];
      gone.stop();
      gone.stop();
      await publishes(world.here, one, 'events');
      expect([gone.heard, stays.heard]).toEqual([[], ['events']]);
      stays.stop();
      await publishes(world.here, one, 'events');
      expect(stays.heard).toEqual(['events']);
    });

    it('listens again after it has stopped, also in the same moment', async () => {
      const first = await hears(world.there, one);
      first.stop();
      const again = await hears(world.there, one);
      await publishes(world.here, one, 'lines');
      expect([first.heard, again.heard]).toEqual([[], ['lines']]);
    });
  });
}
