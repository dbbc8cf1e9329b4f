import type { Clock } from '@flow/kernel';
import type { Admin, Kafka } from 'kafkajs';
import { clientConfigOf, type KafkaPlace } from './kafka.config';
import { KafkaTopicMissing, KafkaUnavailable, saidBy } from './kafka.errors';
import { KafkaLog, type KafkaLine } from './kafka-log';

/** A connection stands, or a request is answered, within this. */
const CONNECT_MS = 3_000;
const REQUEST_MS = 10_000;
const CLIENT_RETRY = { retries: 3, initialRetryTime: 200, maxRetryTime: 2_000 };
const READY_MS = 1_500;

/**
 * The one door to Kafka. Opening it asks nobody: a broker that is away is found out by whoever needs it, and asked again by them. What cannot be reached
 * is an error within seconds.
 */
export class KafkaConnection {
  private standing: { readonly admin: Admin; readonly connected: Promise<void> } | undefined;

  private constructor(
    readonly place: KafkaPlace,
    readonly client: Kafka,
    readonly clock: Clock,
  ) {}

  /** @throws KafkaMisconfigured */
  static async open(
    place: KafkaPlace,
    clock: Clock,
    onLine: (line: KafkaLine) => void = () => undefined,
  ): Promise<KafkaConnection> {
    const config = clientConfigOf(place);
    // Loaded where it is used: a process without Kafka never needs it.
    const { Kafka: Client, logLevel } = await import('kafkajs');
    const client = new Client({
      ...config,
      connectionTimeout: CONNECT_MS,
      authenticationTimeout: REQUEST_MS,
      requestTimeout: REQUEST_MS,
      retry: CLIENT_RETRY,
      logLevel: logLevel.ERROR,
      logCreator: new KafkaLog(clock, onLine).creator,
    });
    return new KafkaConnection(place, client, clock);
  }

  /** Hosts and ports. */
  get server(): string {
    return this.place.brokers.join(',');
  }

  /** The name of a topic of ours. */
  topic(name: string): string {
    return this.place.prefix + name;
  }

  /** For health checks. @throws KafkaUnavailable */
  async ready(): Promise<void> {
    await this.administer((admin) => this.within(READY_MS, admin.describeCluster()));
  }

  /** Topics of ours: what is missing is made where that is allowed. @throws KafkaTopicMissing, KafkaUnavailable */
  async provideTopics(topics: readonly string[]): Promise<void> {
    if (!this.place.createsTopics) return this.requireTopics(topics);
    await this.administer(async (admin) => {
      const missing = await missingOf(admin, topics);
      // How many partitions and replicas: the broker's defaults say it.
      if (missing.length > 0)
        await admin.createTopics({ topics: missing.map((topic) => ({ topic })), waitForLeaders: true });
    });
  }

  /** @throws KafkaTopicMissing, KafkaUnavailable */
  async requireTopics(topics: readonly string[]): Promise<void> {
    const missing = await this.administer((admin) => missingOf(admin, topics));
    if (missing.length > 0) throw new KafkaTopicMissing(missing, this.server);
  }

  /** @throws KafkaUnavailable */
  async administer<T>(work: (admin: Admin) => Promise<T>): Promise<T> {
    const standing = (this.standing ??= this.connectAdmin());
    try {
      await standing.connected;
      return await work(standing.admin);
    } catch (error) {
      if (this.standing === standing) this.standing = undefined;
      standing.admin.disconnect().catch(() => undefined);
      throw this.named(error);
    }
  }

  /** What the client threw, as the fact that it is. */
  named(error: unknown): Error {
    if (error instanceof KafkaTopicMissing || error instanceof KafkaUnavailable) return error;
    const { topic, type } = (error ?? {}) as { topic?: unknown; type?: unknown };
    if (typeof topic === 'string' && type === 'UNKNOWN_TOPIC_OR_PARTITION')
      return new KafkaTopicMissing([topic], this.server);
    return new KafkaUnavailable(this.server, error);
  }

  /** The same, or an error when it takes longer: then it may still go on. */
  async within<T>(ms: number, work: Promise<T>): Promise<T> {
    let cancel: () => void = () => undefined;
    const late = new Promise<never>((_resolve, reject) => {
      cancel = this.clock.after(ms, () => reject(new Error(`timed out: no answer within ${ms} ms`)));
    });
    try {
      return await Promise.race([work, late]);
    } finally {
      cancel();
    }
  }

  async close(): Promise<void> {
    await this.standing?.admin.disconnect().catch(() => undefined);
    this.standing = undefined;
  }

  private connectAdmin(): { readonly admin: Admin; readonly connected: Promise<void> } {
    const admin = this.client.admin();
    return { admin, connected: admin.connect() };
  }
}

async function missingOf(admin: Admin, topics: readonly string[]): Promise<readonly string[]> {
  const missing = await Promise.all(
    topics.map(async (topic) => {
      try {
        await admin.fetchTopicMetadata({ topics: [topic] });
        return [];
      } catch (error) {
        if (/does not host this topic|UNKNOWN_TOPIC/i.test(saidBy(error))) return [topic];
        throw error;
      }
    }),
  );
  return missing.flat();
}
