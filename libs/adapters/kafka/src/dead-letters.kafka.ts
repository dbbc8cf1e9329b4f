import { AppError } from '@flow/kernel';
import type { ReceivedMessage } from '@flow/events';
import type { KafkaConnection } from './kafka-connection';
import { KafkaSender } from './kafka-sender';

/** Where messages go that cannot be taken; the installation's prefix stands before it. */
export const DEAD_LETTERS_TOPIC = 'dead-letters';

/** A larger value stays where it is: a broker may refuse a message of more than a mebibyte, and headers come on top. */
const LARGEST_VALUE = 900 * 1024;
const LONGEST_REASON = 2_000;

/** Keeps messages that cannot be taken, with where they come from and why. */
export class KafkaDeadLetters {
  private readonly sender: KafkaSender;

  constructor(private readonly connection: KafkaConnection) {
    this.sender = new KafkaSender(connection);
  }

  /** Resolves when it is kept. @throws KafkaTopicMissing, KafkaUnavailable */
  async keep(group: string, message: ReceivedMessage, why: unknown): Promise<void> {
    const { topic, partition, offset, key, value, headers, idempotencyKey } = message;
    const isKept = value === null || value.byteLength <= LARGEST_VALUE;
    const reason = why instanceof Error ? why.message : String(why);
    const told = {
      'dead-letter-id': idempotencyKey,
      'dead-letter-group': group,
      'dead-letter-topic': topic,
      'dead-letter-partition': String(partition),
      'dead-letter-offset': offset,
      'dead-letter-code': why instanceof AppError ? why.code : 'message.handler_failed',
      'dead-letter-reason': reason.slice(0, LONGEST_REASON),
      'dead-letter-at': this.connection.clock.now().toISOString(),
      ...(!isKept && { 'dead-letter-value': 'omitted' }),
    };
    await this.sender.send([
      {
        topic: this.connection.topic(DEAD_LETTERS_TOPIC),
        messages: [{ key, value: isKept && value ? Buffer.from(value) : null, headers: { ...headers, ...told } }],
      },
    ]);
  }

  close(): Promise<void> {
    return this.sender.close();
  }
}
