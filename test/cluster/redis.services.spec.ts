import { BullmqDispatchQueue, RedisLiveFanOut, RedisWorkerBell } from '@flow/adapters/redis';
import { hasEnded, type LivePage } from '@flow/instances';
import { AppError, type InstanceId } from '@flow/kernel';
import { anId } from '@flow/testing/instances';
import { RedisServer, RedisWorld, until } from '@flow/testing/adapters/redis';
import { callerNamed } from '../simulation/clients';
import type { SimulatedProcess } from '../simulation/process';
import { VirtualTime } from '../simulation/virtual-time';
import { CalmCluster, FLOW } from './calm-cluster';

const ANN = callerNamed('ann');
const SOON = { connectMs: 500, commandMs: 300, backOffMs: 50 };
const ROOM = 12;
const STARTS = 90;
/** What a start may take with a Redis that is away: it waits for none. */
const START_MS = 1_000;
const STEPS = [
  { id: 'a', operator: '@test/write', parameters: { v: 1, fails: 0 } },
  { id: 'w', operator: '@control/wait', parameters: { duration: 'PT0.3S' } },
  { id: 'b', operator: '@test/write', parameters: { v: 2, fails: 0 } },
];

/** The machine's time, as the simulation asks for it. */
class RealTime extends VirtualTime {
  constructor() {
    super();
    Object.defineProperty(this, 'nowMs', { get: () => Date.now(), set: () => undefined });
  }

  override after(delayMs: number, work: () => void): () => void {
    const timer = setTimeout(work, Math.max(0, delayMs));
    return () => clearTimeout(timer);
  }
}

/** Three processes over one store in memory that tell one another by a real Redis; each has room for a few runs. */
class RedisCluster {
  readonly cluster = new CalmCluster(new RealTime(), STEPS);
  readonly processes: SimulatedProcess[] = [];
  readonly queues: BullmqDispatchQueue[] = [];
  private world!: RedisWorld;

  constructor(readonly server: RedisServer) {}

  async open(): Promise<void> {
    this.world = new RedisWorld(this.server.url, SOON);
    for (const name of ['A', 'B', 'C']) {
      const redis = await this.world.connect();
      const dispatch = await BullmqDispatchQueue.open(redis, this.world.clock, () => undefined);
      this.queues.push(dispatch);
      const process = this.cluster.process({
        bell: new RedisWorkerBell(redis),
        fanOut: new RedisLiveFanOut(redis, name),
        dispatch,
        liveInstances: ROOM,
      });
      this.processes.push(process);
      await process.start();
    }
  }

  async close(): Promise<void> {
    for (const { runs } of this.processes) await runs.drain(5_000);
    for (const queue of this.queues) await queue.close();
    await this.world.close();
    await this.server.close();
  }

  /** Acknowledged starts, by turns in each process; what there is no room for now is asked again. Gives how long the slowest took. */
  async start(ids: Set<InstanceId>, count: number): Promise<number> {
    let slowest = 0;
    await Promise.all(
      Array.from({ length: count }, async (_, i) => {
        const id = anId<InstanceId>();
        for (;;) {
          const { runs } = this.processes[i % this.processes.length]!;
          const began = performance.now();
          const outcome = await runs.instances.start(ANN, FLOW, { data: {} }, { id }).catch((error: unknown) => error);
          slowest = Math.max(slowest, performance.now() - began);
          if (!(outcome instanceof Error)) break;
          if (!(outcome instanceof AppError && outcome.kind === 'unavailable')) throw outcome;
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
        ids.add(id);
      }),
    );
    return slowest;
  }

  /** Every acknowledged instance has succeeded. */
  async allSucceeded(ids: ReadonlySet<InstanceId>): Promise<void> {
    const ended = () => this.cluster.instances().filter(({ status }) => hasEnded(status));
    await until(() => ended().length >= ids.size, 40_000);
    const succeeded = new Set(ended().flatMap(({ id, status }) => (status === 'succeeded' ? [id] : [])));
    expect([...ids].filter((id) => !succeeded.has(id))).toEqual([]);
  }
}

describe('three processes that tell one another by Redis', () => {
  let cluster: RedisCluster;
  beforeEach(async () => {
    cluster = new RedisCluster(await RedisServer.start());
    await cluster.open();
  });
  afterEach(async () => {
    cluster.server.goOn();
    await cluster.close();
  });

  it('show in one what runs in another', async () => {
    const [runs, watches] = [cluster.processes[0]!, cluster.processes[1]!];
    const id = anId<InstanceId>();
    await runs.runs.instances.start(ANN, FLOW, { data: {} }, { id });
    const stream = await cluster.cluster.streamsOf(watches).events(ANN, id, { follow: true });
    const pages: LivePage[] = [];
    const began = performance.now();
    for await (const page of stream.pages(new AbortController().signal)) pages.push(page);
    expect(pages.at(-1)).toEqual({ kind: 'end', status: 'succeeded' });
    expect(pages.filter(({ kind }) => kind === 'quiet')).toEqual([]);
    // Well before a stream looks by itself.
    expect(performance.now() - began).toBeLessThan(10_000);
  });

  it.each([
    ['is killed and comes back empty', (server: RedisServer) => server.kill(), (server: RedisServer) => server.up()],
    ['hangs for a while', async (server: RedisServer) => server.hang(), async (server: RedisServer) => server.goOn()],
    ['is emptied', (server: RedisServer) => server.ask('FLUSHALL'), async () => undefined],
  ])('lose no instance and hold up no start when it %s', async (_name, goesAway, comesBack) => {
    const ids = new Set<InstanceId>();
    await cluster.start(ids, STARTS / 3);
    const during = cluster.start(ids, STARTS / 3);
    await goesAway(cluster.server);
    const slowest = Math.max(await during, await cluster.start(ids, STARTS / 3));
    expect(slowest).toBeLessThan(START_MS);
    await comesBack(cluster.server);
    expect(ids.size).toBe(STARTS);
    await cluster.allSucceeded(ids);
  });
});
