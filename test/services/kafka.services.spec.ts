import { Kafka, logLevel } from 'kafkajs';
import { randomBytes } from 'node:crypto';
import { addressOf } from './addresses';

describe('The Kafka broker', () => {
  const topic = `probe-${randomBytes(6).toString('hex')}`;
  const kafka = new Kafka({ clientId: 'probe', brokers: addressOf('kafka').split(','), logLevel: logLevel.NOTHING });
  const admin = kafka.admin();

  beforeAll(async () => {
    await admin.connect();
    await admin.createTopics({ topics: [{ topic, numPartitions: 3 }], waitForLeaders: true });
  });
  afterAll(async () => {
    await admin.deleteTopics({ topics: [topic] });
    await admin.disconnect();
  });

  it('hands messages to a group in the order of their key, and remembers how far it read', async () => {
    const producer = kafka.producer({ idempotent: true });
    await producer.connect();
    const messages = Array.from({ length: 30 }, (_, at) => ({ key: `k${at % 3}`, value: String(at) }));
    await producer.send({ topic, acks: -1, messages });
    await producer.disconnect();

    const consumer = kafka.consumer({ groupId: topic });
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    const read = new Map<string, number[]>();
    let count = 0;
    await new Promise<void>((done, failed) => {
      consumer
        .run({
          eachMessage: async ({ message }) => {
            const key = String(message.key);
            read.set(key, [...(read.get(key) ?? []), Number(message.value)]);
            if ((count += 1) === messages.length) done();
          },
        })
        .catch(failed);
    });
    await consumer.disconnect();
    expect([...read.keys()].sort()).toEqual(['k0', 'k1', 'k2']);
    for (const [key, values] of read)
      expect(values).toEqual(Array.from({ length: 10 }, (_, at) => at * 3 + Number(key.slice(1))));

    const [offsets] = await admin.fetchOffsets({ groupId: topic, topics: [topic] });
    expect(offsets?.partitions.reduce((sum, { offset }) => sum + Math.max(0, Number(offset)), 0)).toBe(30);
    await admin.deleteGroups([topic]);
  });
});
