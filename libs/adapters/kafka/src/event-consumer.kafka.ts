import { EventConsumer, type BatchHandler, type BatchSize, type Consumption, type Subscription } from '@flow/events';
import { KafkaConsumption, type KafkaConsumerEvents } from './kafka-consumption';
import type { KafkaConnection } from './kafka-connection';
import { KafkaDeadLetters } from './dead-letters.kafka';

const SESSION_MS = 30_000;

/** Groups of Kafka: see `KafkaConsumption`. */
export class KafkaEventConsumer extends EventConsumer {
  private readonly deadLetters: KafkaDeadLetters;

  constructor(
    private readonly connection: KafkaConnection,
    private readonly events: KafkaConsumerEvents,
    /** How long a group waits for a sign of life before it gives the partitions of a member to others. */
    private readonly sessionMs = SESSION_MS,
  ) {
    super();
    this.deadLetters = new KafkaDeadLetters(connection);
  }

  override subscribeBatches(subscription: Subscription, size: BatchSize, handler: BatchHandler): Consumption {
    return new KafkaConsumption(
      this.connection,
      this.deadLetters,
      subscription,
      size,
      handler,
      this.events,
      this.sessionMs,
    );
  }

  /** When everything that was subscribed has stopped. */
  close(): Promise<void> {
    return this.deadLetters.close();
  }
}
