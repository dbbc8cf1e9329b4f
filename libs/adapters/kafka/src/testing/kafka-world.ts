import { SystemClock } from '@flow/platform';
import { Kafka, Partitioners, logLevel, type Admin, type KafkaMessage } from 'kafkajs';
import { KafkaConnection } from '../kafka-connection';
import type { KafkaPlace } from '../kafka.config';

/** The broker that tests share; each takes a prefix of its own and leaves others' topics alone. */
export function testBrokers(): string {
  const brokers = process.env.TEST_KAFKA_BROKERS;
  if (!brokers)
    throw new Error('TEST_KAFKA_BROKERS is not set: run scripts/services.sh up, then npm run test:services.');
  return brokers;
}

const COMES_WITHIN_MS = 30_000;
let prefixes = 0;

export interface ReadMessage {
  readonly partition: number;
  readonly message: KafkaMessage;
}

/** Topics of a prefix that no other test has, and a plain client that looks at them. */
export class KafkaWorld {
  readonly prefix: string;
  readonly client: Kafka;
  private readonly admin: Admin;
  private readonly topics: string[] = [];
  private readonly groups: string[] = [];
  private readonly connections: KafkaConnection[] = [];

  private constructor(readonly brokers: string) {
    prefixes += 1;
    this.prefix = `test-${process.pid}-${Date.now().toString(36)}-${prefixes}.`;
    this.client = new Kafka({ clientId: 'test', brokers: brokers.split(','), logLevel: logLevel.NOTHING });
    this.admin = this.client.admin();
  }

  static async open(brokers = testBrokers()): Promise<KafkaWorld> {
    const world = new KafkaWorld(brokers);
    await world.admin.connect();
    return world;
  }

  place(change: Partial<KafkaPlace> = {}): KafkaPlace {
    return {
      brokers: this.brokers.split(','),
      clientId: 'flow-test',
      tls: 'off',
      saslMechanism: 'off',
      saslUsername: null,
      saslPassword: null,
      prefix: this.prefix,
      createsTopics: false,
      ...change,
    };
  }

  async connect(change: Partial<KafkaPlace> = {}): Promise<KafkaConnection> {
    const connection = await KafkaConnection.open(this.place(change), new SystemClock());
    this.connections.push(connection);
    return connection;
  }

  /** A group that is removed at the end. */
  group(name: string): string {
    const group = this.prefix + name;
    this.groups.push(group);
    return group;
  }

  async topic(name: string, partitions = 1): Promise<string> {
    const topic = this.prefix + name;
    await this.admin.createTopics({ topics: [{ topic, numPartitions: partitions }], waitForLeaders: false });
    this.topics.push(topic);
    // A broker that is busy knows a new topic a little later.
    const isLed = () =>
      this.admin.fetchTopicMetadata({ topics: [topic] }).then(
        ({ topics: [one] }) =>
          one?.partitions.length === partitions && one.partitions.every(({ leader }) => leader >= 0),
        () => false,
      );
    for (const end = Date.now() + COMES_WITHIN_MS; !(await isLed());) {
      if (Date.now() > end) throw new Error(`${topic} has no leader within ${COMES_WITHIN_MS} ms.`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return topic;
  }

  /** One that somebody else makes is removed at the end too. */
  expects(name: string): string {
    const topic = this.prefix + name;
    this.topics.push(topic);
    return topic;
  }

  async allTopics(): Promise<readonly string[]> {
    return (await this.admin.listTopics()).filter((topic) => topic.startsWith(this.prefix));
  }

  /** Resolves when somebody has made it. */
  async waitFor(topic: string, withinMs = 60_000): Promise<void> {
    const end = Date.now() + withinMs;
    while (!(await this.admin.listTopics()).includes(topic)) {
      if (Date.now() > end) throw new Error(`Nobody has made ${topic} within ${withinMs} ms.`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async send(
    topic: string,
    messages: readonly { value: string | null; partition?: number; key?: string; headers?: Record<string, string> }[],
  ): Promise<void> {
    const producer = this.client.producer({ createPartitioner: Partitioners.DefaultPartitioner });
    await producer.connect();
    await producer.send({ topic, acks: -1, messages: [...messages] });
    await producer.disconnect();
  }

  /** All that a topic has, by partition and offset; waits until it is so many. */
  async read(topic: string, count: number, withinMs = 30_000): Promise<readonly ReadMessage[]> {
    const end = Date.now() + withinMs;
    let standing = 0;
    for (;;) {
      // A topic that was made just now has no leader for a moment.
      const offsets = await this.admin.fetchTopicOffsets(topic).catch(() => []);
      standing = offsets.reduce((sum, { high, low }) => sum + Number(high) - Number(low), 0);
      if (standing >= count) break;
      if (Date.now() > end) throw new Error(`${topic} has ${standing} messages after ${withinMs} ms, not ${count}.`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    if (standing === 0) return [];
    const consumer = this.client.consumer({
      groupId: this.group(`reader-${this.groups.length}`),
      maxWaitTimeInMs: 100,
    });
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    const read: ReadMessage[] = [];
    await new Promise<void>((resolve, reject) => {
      consumer
        .run({
          eachMessage: async ({ partition, message }) => {
            read.push({ partition, message });
            if (read.length === standing) resolve();
          },
        })
        .catch(reject);
    });
    await consumer.disconnect();
    return read.sort((a, b) => a.partition - b.partition || Number(a.message.offset) - Number(b.message.offset));
  }

  async close(): Promise<void> {
    for (const connection of this.connections) await connection.close();
    const standing = new Set(await this.admin.listTopics());
    const topics = this.topics.filter((topic) => standing.has(topic));
    if (topics.length > 0) await this.admin.deleteTopics({ topics });
    await this.admin.deleteGroups(this.groups).catch(() => undefined);
    await this.admin.disconnect();
  }
}
