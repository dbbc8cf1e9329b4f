import type { WorkerBell } from '@flow/instances';
import type { InstanceId, WorkerId } from '@flow/kernel';
import { anId } from './an-instance';

interface WorkerBells {
  /** Of two processes. */
  readonly here: WorkerBell;
  readonly there: WorkerBell;
  /** Resolves when who listens is known, and what was rung has arrived. */
  settled(): Promise<void>;
  close(): Promise<void> | void;
}

/** What every WorkerBell keeps while nothing is away. */
export function workerBellContract(name: string, open: () => Promise<WorkerBells>): void {
  describe(`${name} as a WorkerBell`, () => {
    let world: WorkerBells;
    let worker: WorkerId;
    const [one, other] = [anId<InstanceId>(), anId<InstanceId>()];
    beforeEach(async () => {
      world = await open();
      worker = anId<WorkerId>();
    });
    afterEach(() => world.close());

    const listens = (bell: WorkerBell, id: WorkerId) => {
      const heard = new Set<InstanceId>();
      return { heard, stop: bell.listen(id, (instance) => heard.add(instance)) };
    };

    it('rings a worker in another process, with the instance', async () => {
      const { heard } = listens(world.there, worker);
      await world.settled();
      world.here.ring(worker, one);
      await world.settled();
      expect([...heard]).toEqual([one]);
      world.here.ring(worker, other);
      await world.settled();
      expect([...heard]).toEqual([one, other]);
    });

    it('rings a worker of its own process too', async () => {
      const { heard } = listens(world.here, worker);
      await world.settled();
      world.here.ring(worker, one);
      await world.settled();
      expect([...heard]).toEqual([one]);
    });

    it('rings nobody else', async () => {
      const stranger = listens(world.there, anId<WorkerId>());
      const rung = listens(world.there, worker);
      await world.settled();
      world.here.ring(worker, one);
      world.here.ring(anId<WorkerId>(), other);
      await world.settled();
      expect([[...rung.heard], [...stranger.heard]]).toEqual([[one], []]);
    });

    it('tells nothing to who has stopped listening, nor what was rung before', async () => {
      world.here.ring(worker, one);
      await world.settled();
      const first = listens(world.there, worker);
      await world.settled();
      first.stop();
      await world.settled();
      world.here.ring(worker, one);
      await world.settled();
      expect([...first.heard]).toEqual([]);
      const again = listens(world.there, worker);
      await world.settled();
      world.here.ring(worker, other);
      await world.settled();
      expect([...again.heard]).toEqual([other]);
    });
  });
}
