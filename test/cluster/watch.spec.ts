import { QUIET_MS, type LiveFanOut, type LivePage } from '@flow/instances';
import type { InstanceId } from '@flow/kernel';
import { MemoryAir, MemoryFanOut, anId } from '@flow/testing/instances';
import { callerNamed } from '../simulation/clients';
import type { SimulatedProcess } from '../simulation/process';
import { VirtualTime } from '../simulation/virtual-time';
import { CalmCluster, FLOW } from './calm-cluster';

const ANN = callerNamed('ann');
/** How late a watcher may be behind the rows when all is well. */
const LATE_MS = 100;
const waits = (id: string) => ({ id, operator: '@control/wait', parameters: { duration: 'PT3S' } });
const STEPS = [waits('a'), { id: 'b', operator: '@test/write', parameters: { v: 1, fails: 0 } }, waits('c')];

describe('a run in one process, watched in another', () => {
  /** Time goes on until it has come. */
  async function during<T>(time: VirtualTime, work: Promise<T>): Promise<T> {
    const box: { isOver?: true } = {};
    void Promise.allSettled([work]).then(() => (box.isOver = true));
    while (!box.isOver) if (!(await time.step(time.nowMs + 60_000))) break;
    return work;
  }

  /** The kinds of events that the watcher was told, and how late it was told the end. */
  async function watched(between: (air: MemoryAir) => readonly [LiveFanOut?, LiveFanOut?]) {
    const time = new VirtualTime();
    const cluster = new CalmCluster(time, STEPS);
    const started = async (fanOut?: LiveFanOut): Promise<SimulatedProcess> => {
      const process = cluster.process(fanOut && { fanOut });
      await during(time, process.start());
      return process;
    };
    const [of, to] = between(new MemoryAir());
    const [runs, watches] = [await started(of), await started(to)];
    const id = anId<InstanceId>();
    await during(time, runs.runs.instances.start(ANN, FLOW, { data: {} }, { id }));
    const stream = await during(time, cluster.streamsOf(watches).events(ANN, id, { follow: true }));
    const told: string[] = [];
    let end: LivePage | undefined;
    const box: { readAt?: number } = {};
    void (async () => {
      for await (const page of stream.pages(new AbortController().signal)) {
        if (page.kind === 'items') told.push(...page.items.map(({ data }) => data.type as string));
        else if (page.kind === 'end') end = page;
      }
      box.readAt = time.nowMs;
    })();
    let endedAt = 0;
    const until = time.nowMs + 120_000;
    while (box.readAt === undefined && time.nowMs < until) {
      await time.step(until);
      if (endedAt === 0 && cluster.hasEnded(id)) endedAt = time.nowMs;
      expect(watches.runs.runner.liveCount).toBe(0);
    }
    return { told, end, lateMs: (box.readAt ?? Infinity) - endedAt };
  }

  it('is told as it goes on, up to its end', async () => {
    const { told, end, lateMs } = await watched((air) => [new MemoryFanOut(air), new MemoryFanOut(air)]);
    expect(end).toEqual({ kind: 'end', status: 'succeeded' });
    expect(lateMs).toBeLessThanOrEqual(LATE_MS);
    expect(told.at(-1)).toBe('instance.succeeded');
  });

  it('is told the same when no ring comes, as late as a stream looks by itself', async () => {
    const rung = await watched((air) => [new MemoryFanOut(air), new MemoryFanOut(air)]);
    const alone = await watched(() => []);
    expect(alone.told).toEqual(rung.told);
    expect(alone.end).toEqual(rung.end);
    expect(alone.lateMs).toBeGreaterThan(LATE_MS);
    expect(alone.lateMs).toBeLessThanOrEqual(QUIET_MS + LATE_MS);
  });
});
