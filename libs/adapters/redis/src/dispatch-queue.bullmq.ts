import { randomUUID } from 'node:crypto';
import type { MinimalJob, Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { DispatchQueue, LANES, laneOf, type Dispatch, type DispatchConsumer, type LaneDepth } from '@flow/instances';
import { PRIORITIES, type Clock, type InstanceId, type Priority } from '@flow/kernel';
import { DispatchFetcher, type FetchedDispatch } from './dispatch-fetcher';
import type { RedisConnection } from './redis-connection';
import { RedisUnavailable } from './redis.errors';
import { endAtOnce } from './redis-client';

/** A claim takes milliseconds. Who has not come to an end of one by then has died, and another may take it. */
const LOCK_MS = 30_000;
/** Nobody reads the events of these queues. */
const MOST_EVENTS = 10;

/** A job's data and id, a rate limit that we do not use, and when the next delayed one is due (ms since 1970; 0 when there is none). */
type Fetched = readonly [unknown, string | undefined, number | undefined, number | undefined];

/** One lane: a queue of BullMQ whose jobs are fetched one at a time, by us. */
class Lane {
  /** Says whose a fetched job is. */
  private readonly token = randomUUID();

  constructor(
    readonly number: number,
    private readonly queue: Queue,
  ) {
    // What is wrong with the connection is told by it, once; what fails is heard of by whoever asked.
    this.queue.on('error', () => undefined);
  }

  async add({ id, epoch, priority, at = 0 }: Dispatch, nowMs: number): Promise<void> {
    await this.queue.add(
      'claim',
      {},
      {
        jobId: `${id}-${epoch}`,
        priority: urgencyOf(priority),
        delay: Math.max(0, at - nowMs),
        removeOnComplete: true,
        removeOnFail: true,
      },
    );
  }

  /** The next one, which is this process's until its lock is over; or when there may be one. */
  async fetch(): Promise<FetchedDispatch> {
    const backend = this.queue.getBackend();
    const [data, jobId, , next] = (await backend.moveToActive(this.token)) as readonly unknown[] as Fetched;
    if (!data || !jobId) return { next: next || undefined };
    // All that its end is told by.
    const job = { id: jobId, opts: {} } as unknown as MinimalJob;
    return {
      id: jobId.slice(0, jobId.lastIndexOf('-')) as InstanceId,
      done: async () => {
        await backend.moveToCompleted(job, null, true, this.token, false);
      },
    };
  }

  /** What was fetched by somebody who died is there to be fetched again. */
  async recover(): Promise<boolean> {
    return (await this.queue.getBackend().moveStalledJobsToWait()).length > 0;
  }

  async depth(): Promise<LaneDepth> {
    const {
      prioritized = 0,
      waiting = 0,
      delayed = 0,
    } = await this.queue.getJobCounts('prioritized', 'waiting', 'delayed');
    return { lane: this.number, waiting: prioritized + waiting, later: delayed };
  }

  close(): Promise<void> {
    return this.queue.close();
  }
}

/**
 * A queue of BullMQ for each lane, all over one connection. An offer is announced on a channel; who has room then fetches, lane after lane. Why it is not
 * BullMQ's `Worker` that fetches: see the README.
 */
export class BullmqDispatchQueue extends DispatchQueue {
  private stop: (() => Promise<void>) | undefined;

  private constructor(
    private readonly redis: RedisConnection,
    private readonly connection: Redis,
    private readonly lanes: readonly Lane[],
    private readonly clock: Clock,
    private readonly lockMs: number,
    private readonly onFault: (error: unknown) => void,
  ) {
    super();
  }

  /** @throws RedisUnavailable */
  static async open(
    redis: RedisConnection,
    clock: Clock,
    onFault: (error: unknown) => void,
    lockMs = LOCK_MS,
  ): Promise<BullmqDispatchQueue> {
    // Loaded here, so that services without Redis do not wait for it.
    const { Queue: Client } = await import('bullmq');
    const connection = await redis.another('dispatch');
    // Each lane listens to it.
    connection.setMaxListeners(LANES * 4);
    try {
      await connection.connect();
    } catch (error) {
      endAtOnce(connection);
      throw new RedisUnavailable(redis.server, error);
    }
    const options = {
      prefix: redis.key('dispatch'),
      connection,
      skipVersionCheck: true,
      streams: { events: { maxLen: MOST_EVENTS } },
      // What BullMQ's own worker would be told: the operations that we call read it from here.
      ...{ lockDuration: lockMs, stalledInterval: lockMs, maxStalledCount: 1 },
    };
    const lanes = Array.from({ length: LANES }, (_, number) => new Lane(number, new Client(`lane-${number}`, options)));
    return new BullmqDispatchQueue(redis, connection, lanes, clock, lockMs, onFault);
  }

  override async offer(dispatch: Dispatch): Promise<boolean> {
    const number = laneOf(dispatch.domain);
    try {
      await this.laneAt(number).add(dispatch, this.clock.now().getTime());
    } catch {
      return false;
    }
    // One that is not heard of is found by the next look.
    this.redis.commands.publish(this.channel, String(number)).catch(() => undefined);
    return true;
  }

  override consume(consumer: DispatchConsumer): () => Promise<void> {
    const fetcher = new DispatchFetcher(
      LANES,
      {
        fetch: (lane) => this.named(this.laneAt(lane).fetch()),
        recover: (lane) => this.named(this.laneAt(lane).recover()),
      },
      consumer,
      this.clock,
      this.lockMs,
      this.onFault,
    );
    const deafen = this.redis.channels.listen(this.channel, {
      onMessage: (lane) => fetcher.wake(Number(lane)),
      onStanding: () => fetcher.wakeAll(),
    });
    fetcher.start();
    this.stop = () => {
      deafen();
      return fetcher.stop();
    };
    return this.stop;
  }

  override async depths(): Promise<readonly LaneDepth[]> {
    const depths = await Promise.all(this.lanes.map((lane) => lane.depth()));
    return depths.filter(({ waiting, later }) => waiting + later > 0);
  }

  override async close(): Promise<void> {
    await this.stop?.();
    await Promise.all(this.lanes.map((lane) => lane.close().catch(() => undefined)));
    endAtOnce(this.connection);
  }

  /** What its driver throws holds the whole command, with all that is in it. */
  private async named<T>(asked: Promise<T>): Promise<T> {
    try {
      return await asked;
    } catch (error) {
      throw new RedisUnavailable(this.redis.server, error);
    }
  }

  private get channel(): string {
    return this.redis.key('dispatch');
  }

  private laneAt(number: number): Lane {
    const lane = this.lanes[number];
    if (!lane) throw new Error(`There is no lane ${number}.`);
    return lane;
  }
}

/** BullMQ serves lower numbers first; 0 would mean that there is no priority. */
function urgencyOf(priority: Priority): number {
  return PRIORITIES.length - PRIORITIES.indexOf(priority);
}
