import type { Message, Producer, TopicMessages } from 'kafkajs';
import type { KafkaConnection } from './kafka-connection';

/** All of it: connecting, looking for topics, and every repetition of the client. */
const SEND_MS = 25_000;
const ACKNOWLEDGED_MS = 8_000;
const STOP_MS = 3_000;
/** Every replica that is in step has it. */
const ALL_REPLICAS = -1;

/**
 * Sends messages one batch after another, each acknowledged by every replica that is in step. The producer is idempotent and has one request under way:
 * what it repeats by itself is kept once, in order. One that failed is thrown away, with whatever it may still try, and the next send makes another.
 */
export class KafkaSender {
  private standing: Promise<Producer> | undefined;
  private turn: Promise<unknown> = Promise.resolve();
  /** Topics that were there. */
  private readonly known = new Set<string>();

  constructor(private readonly connection: KafkaConnection) {}

  /** @throws KafkaTopicMissing, KafkaUnavailable: some of it may have been sent */
  send(topicMessages: readonly { readonly topic: string; readonly messages: Message[] }[]): Promise<void> {
    const sent = this.turn.then(() => this.sendNow(topicMessages.map((one) => ({ ...one }))));
    this.turn = sent.catch(() => undefined);
    return sent;
  }

  async close(): Promise<void> {
    await this.turn;
    await this.discard();
  }

  private async sendNow(topicMessages: TopicMessages[]): Promise<void> {
    try {
      await this.connection.within(SEND_MS, this.sendAll(topicMessages));
    } catch (error) {
      this.known.clear();
      void this.discard();
      throw this.connection.named(error);
    }
  }

  private async sendAll(topicMessages: TopicMessages[]): Promise<void> {
    const unknown = topicMessages.map(({ topic }) => topic).filter((topic) => !this.known.has(topic));
    if (unknown.length > 0) await this.connection.provideTopics(unknown);
    for (const topic of unknown) this.known.add(topic);
    const producer = await (this.standing ??= this.connect());
    await producer.sendBatch({ topicMessages, acks: ALL_REPLICAS, timeout: ACKNOWLEDGED_MS });
  }

  private async connect(): Promise<Producer> {
    const { Partitioners } = await import('kafkajs');
    const producer = this.connection.client.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      createPartitioner: Partitioners.DefaultPartitioner,
    });
    await producer.connect();
    return producer;
  }

  private async discard(): Promise<void> {
    const { standing } = this;
    this.standing = undefined;
    if (standing)
      await this.connection
        .within(
          STOP_MS,
          standing.then((producer) => producer.disconnect()),
        )
        .catch(() => undefined);
  }
}
