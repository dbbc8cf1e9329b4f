import { KafkaConnection, KafkaEventConsumer } from '@flow/adapters/kafka';
import { jsonOfMessage } from '@flow/events';
import { SystemClock } from '@flow/platform';
import { KafkaWorld } from '@flow/testing/adapters/kafka';
import { Service, aFolder } from '../service';
import { OwnKafka } from './own-kafka';
import { firstOnes, health, metric, started, toldOn, typesByInstance, until } from './told';

/** Reads ids of events as this service reads messages, over everything that happens to the broker. */
async function aListener(brokers: string, onEvent: (id: string) => void): Promise<{ stop(): Promise<void> }> {
  const place = {
    brokers: [brokers],
    clientId: 'listener',
    tls: 'off',
    saslMechanism: 'off' as const,
    saslUsername: null,
    saslPassword: null,
    prefix: 'automation.',
    createsTopics: false,
  };
  const connection = await KafkaConnection.open(place, new SystemClock());
  const consumer = new KafkaEventConsumer(connection, { onFault: () => undefined, onMessage: () => undefined });
  const subscription = { group: 'listener', topics: ['automation.instance.lifecycle'], from: 'beginning' as const };
  const consumption = consumer.subscribe(subscription, async (message) => {
    onEvent((jsonOfMessage(message, 100_000) as { id: string }).id);
  });
  return {
    async stop() {
      await consumption.stop(1_000);
      await consumer.close();
      await connection.close();
    },
  };
}

describe('Events of a service', () => {
  it('are told once and again when it is killed around telling them, lost never, in their order', async () => {
    const world = await KafkaWorld.open();
    const topic = await world.topic('instance.lifecycle', 3);
    const settings = { KAFKA_BROKERS: world.brokers, KAFKA_TOPIC_PREFIX: world.prefix };
    const folder = aFolder();
    const running: Service[] = [];
    try {
      const first = await Service.start(folder.path, { ...settings, FAILPOINT: 'events.publish.before' });
      running.push(first);
      const ids = await started(first, 5).catch(() => [] as string[]);
      expect(await first.exited).toMatchObject({ signal: 'SIGKILL' });
      // What waits is told at the start, and these die of it.
      for (const point of ['events.publish.after', 'event.settle.commit']) {
        const next = Service.spawn(folder.path, { ...settings, FAILPOINT: point });
        running.push(next);
        expect(await next.exited).toMatchObject({ signal: 'SIGKILL' });
      }
      const service = await Service.start(folder.path, settings);
      running.push(service);
      ids.push(...(await started(service, 5)));
      await until(async () => (await metric(service, 'events_waiting')) === 0);
      const { items } = await service.must<{ items: { id: string }[] }>('GET', '/instances?limit=200');
      expect(items.length).toBeGreaterThan(ids.length - 1);
      const events = await toldOn(world, topic, 2 * items.length);
      const types = typesByInstance(events);
      expect([...types.keys()].sort()).toEqual(items.map(({ id }) => id).sort());
      expect(new Set([...types.values()].map(String))).toEqual(new Set(['started,ended']));
      // The second and the third death came behind the telling: it was repeated, under the same ids.
      expect(events.length).toBeGreaterThan(firstOnes(events).length);
      expect(new Set(events.map((one) => JSON.stringify(one))).size).toBe(firstOnes(events).length);
      expect(await service.stop()).toMatchObject({ code: 0 });
    } finally {
      for (const service of running) await service.kill();
      folder.remove();
      await world.close();
    }
  }, 120_000);

  it('wait while the broker is away, hold up nothing, and are told in their order when it is there', async () => {
    const kafka = await OwnKafka.prepare();
    const folder = aFolder();
    const settings = { KAFKA_BROKERS: kafka.brokers, KAFKA_CREATE_TOPICS: 'on', LOG_LEVEL: 'warn' };
    const service = await Service.start(folder.path, settings);
    // A group that is there before its broker and its topic are.
    const seen = new Set<string>();
    const listener = await aListener(kafka.brokers, (id) => seen.add(id));
    let world: KafkaWorld | undefined;
    try {
      const early = await started(service, 20);
      await until(async () => (await health(service)).checks.kafka === 'down');
      expect(await health(service)).toMatchObject({ statusCode: 200, status: 'up' });
      expect(await metric(service, 'events_waiting')).toBe(40);
      expect(service.output).toMatch(/KAFKA_BROKERS.*cannot be reached/);
      kafka.up();
      world = await KafkaWorld.open(kafka.brokers);
      const topic = 'automation.instance.lifecycle';
      await world.waitFor(topic);
      expect(typesByInstance(await toldOn(world, topic, 40)).size).toBe(20);
      await world.close();
      world = undefined;
      kafka.down();
      const late = await started(service, 20);
      await until(async () => (await health(service)).checks.kafka === 'down');
      kafka.up();
      world = await KafkaWorld.open(kafka.brokers);
      const types = typesByInstance(await toldOn(world, topic, 80));
      expect([...types.keys()].sort()).toEqual([...early, ...late].sort());
      expect(new Set([...types.values()].map(String))).toEqual(new Set(['started,ended']));
      await until(async () => seen.size === 80, 60_000);
      await until(async () => (await health(service)).checks.kafka === 'up');
      expect(await metric(service, 'events_waiting')).toBe(0);
      // No stack of the client's, and no flood.
      const lines = service.output.split('\n').filter((line) => line.startsWith('{'));
      expect(lines.length).toBeLessThan(60);
      expect(service.output + service.errors).not.toMatch(/"logger":"kafkajs"|TimeoutNegativeWarning/);
      expect(await service.stop()).toMatchObject({ code: 0 });
    } finally {
      await service.kill();
      await listener.stop();
      await world?.close();
      kafka.close();
      folder.remove();
    }
  }, 180_000);
});
