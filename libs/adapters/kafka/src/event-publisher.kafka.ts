import { EventPublisher, type EventTopic, type WaitingEvent } from '@flow/events';
import type { Message } from 'kafkajs';
import type { KafkaConnection } from './kafka-connection';
import { KafkaSender } from './kafka-sender';

/** The structured mode of the CloudEvents binding: the whole event is the value, so that whoever copies a message copies all of it. */
const CONTENT_TYPE = 'application/cloudevents+json; charset=UTF-8';

/** Events as messages: the key is what an event is about, so that those of one key stand in one partition, in their order. */
export class KafkaEventPublisher extends EventPublisher {
  private readonly sender: KafkaSender;

  constructor(private readonly connection: KafkaConnection) {
    super();
    this.sender = new KafkaSender(connection);
  }

  override async publish(events: readonly WaitingEvent[]): Promise<void> {
    if (events.length === 0) return;
    const byTopic = new Map<EventTopic, Message[]>();
    for (const { topic, key, at, body, traceparent } of events) {
      const messages = byTopic.get(topic) ?? [];
      byTopic.set(topic, messages);
      const headers = { 'content-type': CONTENT_TYPE, ...(traceparent !== undefined && { traceparent }) };
      messages.push({ key, value: body, timestamp: String(at), headers });
    }
    await this.sender.send(
      [...byTopic].map(([topic, messages]) => ({ topic: this.connection.topic(topic), messages })),
    );
  }

  close(): Promise<void> {
    return this.sender.close();
  }
}
