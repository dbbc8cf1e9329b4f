import {
  messageKey,
  type BatchHandler,
  type BatchSize,
  type Consumption,
  type PartitionLag,
  type ReceivedMessage,
  type Subscription,
} from '@flow/events';
import type { Consumer, EachBatchPayload, IHeaders, KafkaMessage } from 'kafkajs';
import type { KafkaDeadLetters } from './dead-letters.kafka';
import { lagOf, settleBeginning } from './group-offsets';
import type { KafkaConnection } from './kafka-connection';
import { MessageTaker } from './message-taker';

/** Partitions of one broker are fetched together, and again when each of them had its turn: a turn is short. */
const TURN_MS = 1_000;
const PARTITIONS_AT_ONCE = 16;
const REBALANCE_MS = 60_000;
/** Signs of life in the time that the group waits for one. */
const HEARTBEATS_A_SESSION = 10;
/** How long a fetch waits for the first message; a stop waits for it. */
const FETCH_WAIT_MS = 500;
const BYTES_OF_A_PARTITION = 1024 * 1024;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;
/** Who worked for so long before it broke begins anew with short pauses. */
const HEALTHY_MS = 60_000;

export interface KafkaConsumerEvents {
  /** A message failed, or Kafka did; it is tried again. */
  onFault(error: unknown): void;
  onMessage(outcome: 'taken' | 'dead', place: { readonly group: string; readonly topic: string }): void;
}

/**
 * A member of a group for as long as it is wanted: whatever ends its session (a broker that goes away, a topic that is not there yet) is told, and another
 * one begins after a pause. An offset is written down when the handler has ended, at the end of each turn of a partition. A partition whose message fails is paused
 * until that is tried again; the others go on.
 */
export class KafkaConsumption implements Consumption {
  private readonly taker: MessageTaker;
  private readonly stopping = new AbortController();
  /** The handlers' own: they may end what is under way before it fires. */
  private readonly cutOff = new AbortController();
  private readonly stopped: Promise<void>;
  private readonly ended: Promise<void>;

  constructor(
    private readonly connection: KafkaConnection,
    deadLetters: KafkaDeadLetters,
    private readonly subscription: Subscription,
    private readonly size: BatchSize,
    handler: BatchHandler,
    private readonly events: KafkaConsumerEvents,
    private readonly sessionMs: number,
  ) {
    const { group } = subscription;
    this.taker = new MessageTaker(group, handler, deadLetters, (error) => events.onFault(error));
    this.stopped = new Promise((resolve) => this.stopping.signal.addEventListener('abort', () => resolve()));
    this.ended = this.live();
  }

  lag(): Promise<readonly PartitionLag[]> {
    return lagOf(this.connection, this.subscription);
  }

  async stop(withinMs: number): Promise<void> {
    this.stopping.abort();
    const cancel = this.connection.clock.after(withinMs, () =>
      this.cutOff.abort(new Error('The service is stopping.')),
    );
    await this.ended;
    cancel();
  }

  private get heartbeatMs(): number {
    return this.sessionMs / HEARTBEATS_A_SESSION;
  }

  private get isStopping(): boolean {
    return this.stopping.signal.aborted;
  }

  private async live(): Promise<void> {
    const { clock } = this.connection;
    for (let failures = 0; !this.isStopping; failures += 1) {
      const begunAt = clock.monotonicMs();
      try {
        await this.session();
      } catch (error) {
        // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- it may have been told to stop meanwhile
        if (this.isStopping) return;
        this.events.onFault(this.connection.named(error));
        if (clock.monotonicMs() - begunAt > HEALTHY_MS) failures = 0;
        await this.pause(Math.min(FIRST_PAUSE_MS * 2 ** failures, LONGEST_PAUSE_MS));
      }
    }
  }

  /** Resolves when it is to stop; throws when it broke. */
  private async session(): Promise<void> {
    const { group, topics, from } = this.subscription;
    await this.connection.requireTopics(topics);
    if (from !== 'beginning') await settleBeginning(this.connection, this.subscription);
    const consumer = this.connection.client.consumer({
      groupId: group,
      allowAutoTopicCreation: false,
      sessionTimeout: this.sessionMs,
      rebalanceTimeout: REBALANCE_MS,
      heartbeatInterval: this.heartbeatMs,
      maxWaitTimeInMs: FETCH_WAIT_MS,
      maxBytesPerPartition: BYTES_OF_A_PARTITION,
      // What breaks is begun anew by us, with a new member.
      retry: { retries: 3, restartOnFailure: () => Promise.resolve(false) },
    });
    try {
      await this.work(consumer, topics);
    } finally {
      await consumer.disconnect().catch(() => undefined);
    }
  }

  private async work(consumer: Consumer, topics: readonly string[]): Promise<void> {
    const broken = new Promise<never>((_resolve, reject) => {
      consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
    });
    // Heard of below, or not any more.
    broken.catch(() => undefined);
    await consumer.connect();
    // Where a group began is written down: what has no offset is new, and nothing of it was read.
    await consumer.subscribe({ topics: [...topics], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: PARTITIONS_AT_ONCE,
      eachBatch: (payload) => this.turn(payload),
    });
    await Promise.race([broken, this.stopped]);
  }

  /** A partition's turn: messages one after another, as many at a time as its handler wants, then how far it came is written down. */
  private async turn({ batch, ...payload }: EachBatchPayload): Promise<void> {
    const { clock } = this.connection;
    const { topic, partition } = batch;
    const turnEnds = clock.monotonicMs() + TURN_MS;
    const alive = this.heartbeats(payload);
    try {
      for (const messages of pieces(batch.messages, this.size)) {
        if (!payload.isRunning() || payload.isStale() || this.isStopping || alive.isLost()) break;
        if (clock.monotonicMs() > turnEnds) break;
        const received = messages.map((message) => this.received(topic, partition, message));
        const { over, laterMs } = await this.taker.take(received, this.cutOff.signal);
        for (const [i, kind] of over.entries()) {
          payload.resolveOffset(received[i]?.offset ?? '');
          this.events.onMessage(kind, { group: this.subscription.group, topic });
        }
        if (laterMs === undefined) continue;
        const resume = payload.pause();
        clock.after(laterMs, resume);
        break;
      }
    } finally {
      alive.end();
    }
    await payload.commitOffsetsIfNecessary(payload.uncommittedOffsets());
  }

  /** A handler may take longer than the group waits for a sign of life. One that is refused ends the turn; the client then joins anew. */
  private heartbeats({ heartbeat }: Pick<EachBatchPayload, 'heartbeat'>): { isLost(): boolean; end(): void } {
    const { clock } = this.connection;
    let isLost = false;
    let isOver = false;
    let cancel: () => void = () => undefined;
    const beat = (): void => {
      heartbeat().catch(() => (isLost = true));
      if (!isOver) cancel = clock.after(this.heartbeatMs, beat);
    };
    cancel = clock.after(this.heartbeatMs, beat);
    return {
      isLost: () => isLost,
      end: () => {
        isOver = true;
        cancel();
      },
    };
  }

  private received(topic: string, partition: number, message: KafkaMessage): ReceivedMessage {
    const { offset, key, value, headers = {}, timestamp } = message;
    return {
      topic,
      partition,
      offset,
      key: key?.toString('utf8') ?? null,
      value,
      headers: textsOf(headers),
      at: new Date(Number(timestamp)),
      idempotencyKey: messageKey(this.subscription.group, { topic, partition, offset }),
    };
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.connection.clock.after(ms, resolve);
      void this.stopped.then(() => {
        cancel();
        resolve();
      });
    });
  }
}

/** Messages that are brought together. */
function* pieces(messages: readonly KafkaMessage[], size: BatchSize): Generator<readonly KafkaMessage[]> {
  let [piece, bytes]: [KafkaMessage[], number] = [[], 0];
  for (const message of messages) {
    const own = message.value?.byteLength ?? 0;
    if (piece.length > 0 && (piece.length >= size.messages || bytes + own > size.bytes)) {
      yield piece;
      [piece, bytes] = [[], 0];
    }
    piece.push(message);
    bytes += own;
  }
  if (piece.length > 0) yield piece;
}

function textsOf(headers: IHeaders): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const [name, given] of Object.entries(headers)) {
    const first = Array.isArray(given) ? given[0] : given;
    if (first !== undefined) texts[name] = first.toString();
  }
  return texts;
}
