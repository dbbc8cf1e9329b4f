import {
  DEAD_LETTERS_TOPIC,
  KafkaConnection,
  KafkaEventConsumer,
  KafkaEventPublisher,
  type KafkaLine,
} from '@flow/adapters/kafka';
import type { EventPublisher } from '@flow/events';
import { SystemClock } from '@flow/platform';
import type { Settings } from '@flow/settings';
import type { EventReader } from './stores';

/** Whoever looks at a trigger waits for no broker longer than that. */
const LOOK_MS = 1_500;

export interface Telling {
  readonly publisher: EventPublisher;
  readonly reader: EventReader;
  readonly at: string;
  close(): Promise<void>;
}

/** Where events are told and read, if anywhere. Nobody is asked yet: a broker that is away keeps no start from being made. @throws KafkaMisconfigured */
export async function openTelling(
  settings: Settings,
  onLine: (line: KafkaLine) => void,
  onFault: (error: unknown) => void,
): Promise<Telling | undefined> {
  const { kafkaBrokers } = settings;
  if (kafkaBrokers.length === 0) return undefined;
  const place = {
    brokers: kafkaBrokers,
    clientId: settings.kafkaClientId,
    tls: settings.kafkaTls,
    saslMechanism: settings.kafkaSaslMechanism,
    saslUsername: settings.kafkaSaslUsername,
    saslPassword: settings.kafkaSaslPassword,
    prefix: settings.kafkaTopicPrefix,
    createsTopics: settings.kafkaCreateTopics === 'on',
  };
  const connection = await KafkaConnection.open(place, new SystemClock(), onLine);
  const publisher = new KafkaEventPublisher(connection);
  const consumer = new KafkaEventConsumer(
    connection,
    { onFault, onMessage: () => undefined },
    settings.kafkaSessionTimeout,
  );
  return {
    publisher,
    reader: {
      consumer,
      own: [connection.topic(DEAD_LETTERS_TOPIC)],
      look: (topic) =>
        connection.within(LOOK_MS, connection.requireTopics([topic])).catch((error: unknown) => {
          throw connection.named(error);
        }),
    },
    at: `kafka://${connection.server}`,
    async close() {
      await publisher.close();
      await consumer.close();
      await connection.close();
    },
  };
}
