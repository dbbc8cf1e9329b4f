import { eventConsumerContract, eventPublisherContract } from '@flow/testing/events';
import { KafkaEventConsumer } from './event-consumer.kafka';
import { KafkaEventPublisher } from './event-publisher.kafka';
import type { IHeaders } from 'kafkajs';
import { KafkaWorld } from './testing';

const texts = (headers: IHeaders = {}) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));

eventPublisherContract('KafkaEventPublisher', async () => {
  const world = await KafkaWorld.open();
  const topic = await world.topic('instance.lifecycle', 3);
  const publisher = new KafkaEventPublisher(await world.connect());
  return {
    publisher,
    told: async (count) =>
      (await world.read(topic, count)).map(({ partition, message }) => ({
        key: message.key?.toString() ?? null,
        value: message.value?.toString() ?? '',
        partition,
        headers: texts(message.headers),
      })),
    async close() {
      await publisher.close();
      await world.close();
    },
  };
});

eventConsumerContract('KafkaEventConsumer', async () => {
  const world = await KafkaWorld.open();
  const topic = await world.topic('orders', 4);
  const dead = await world.topic('dead-letters');
  const connection = await world.connect();
  const faults: unknown[] = [];
  const consumers: KafkaEventConsumer[] = [];
  return {
    consumer() {
      const events = { onFault: (error: unknown) => faults.push(error), onMessage: () => undefined };
      const consumer = new KafkaEventConsumer(connection, events);
      consumers.push(consumer);
      return consumer;
    },
    topic,
    group: world.group('readers'),
    send: (messages) => world.send(topic, messages),
    deadLetters: async (count) =>
      (await world.read(dead, count)).map(({ message }) => ({
        value: message.value?.toString() ?? null,
        headers: texts(message.headers),
      })),
    faults,
    async close() {
      for (const consumer of consumers) await consumer.close();
      await world.close();
    },
  };
});
