import { KafkaConnection, KafkaEventPublisher, type KafkaLine } from '@flow/adapters/kafka';
import type { EventPublisher } from '@flow/events';
import { SystemClock } from '@flow/platform';
import type { Settings } from '@flow/settings';

export interface Telling {
  readonly publisher: EventPublisher;
  readonly at: string;
  close(): Promise<void>;
}

/** Where events are told, if anywhere. Nobody is asked yet: a broker that is away keeps no start from being made. @throws KafkaMisconfigured */
export async function openTelling(settings: Settings, onLine: (line: KafkaLine) => void): Promise<Telling | undefined> {
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
  return {
    publisher,
    at: `kafka://${connection.server}`,
    async close() {
      await publisher.close();
      await connection.close();
    },
  };
}
