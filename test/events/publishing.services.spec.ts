import { KafkaConnection, KafkaEventConsumer } from '@flow/adapters/kafka';
import type { DagEventData } from '@flow/dags';
import { jsonOfMessage, type CloudEvent } from '@flow/events';
import { SystemClock } from '@flow/platform';
import { KafkaWorld } from '@flow/testing/adapters/kafka';
import { Service, aFolder } from '../service';
import { OwnKafka } from './own-kafka';
import { STEPS, firstOnes, health, metric, started, toldOn, typesByInstance, until } from './told';

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
    const dags = await world.topic('dag.lifecycle');
    await world.topic('audit');
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
      const all = [...events, ...(await toldOn(world, dags, 2))];
      expect(all.length).toBeGreaterThan(firstOnes(all).length);
      expect(new Set(all.map((one) => JSON.stringify(one))).size).toBe(firstOnes(all).length);
      expect(await service.stop()).toMatchObject({ code: 0 });
    } finally {
      for (const service of running) await service.kill();
      folder.remove();
      await world.close();
    }
  }, 120_000);

  it('of DAGs are told once and again when it is killed on their way, lost never, in their order', async () => {
    const world = await KafkaWorld.open();
    await world.topic('instance.lifecycle');
    const topic = await world.topic('dag.lifecycle', 3);
    await world.topic('audit');
    const settings = { KAFKA_BROKERS: world.brokers, KAFKA_TOPIC_PREFIX: world.prefix };
    const folder = aFolder();
    const running: Service[] = [];
    const start = async (more: object = {}) => {
      const service = await Service.start(folder.path, { ...settings, ...more });
      running.push(service);
      return service;
    };
    const aDag = async (service: Service, title: string) =>
      (await service.must<{ id: string }>('POST', '/dags', { title, steps: STEPS })).id;
    try {
      const silent = await start({ KAFKA_BROKERS: '' });
      const untold = await aDag(silent, 'Nobody listened');
      expect(await silent.stop()).toMatchObject({ code: 0 });
      const first = await start({ FAILPOINT: 'dag.settle.before' });
      await aDag(first, 'First').catch(() => undefined);
      expect(await first.exited).toMatchObject({ signal: 'SIGKILL' });
      // What waits is brought at the start, and these die of it.
      for (const write of ['event.put', 'dag.settle'])
        for (const moment of ['before', 'commit', 'after']) {
          const next = Service.spawn(folder.path, { ...settings, FAILPOINT: `${write}.${moment}` });
          running.push(next);
          expect(await next.exited).toMatchObject({ signal: 'SIGKILL' });
        }
      const service = await start();
      const id = await aDag(service, 'Second');
      const changed = { title: 'Second', status: 'stopped', steps: [...STEPS, { ...STEPS[1], id: '2' }] };
      await service.must('PUT', `/dags/${id}`, changed);
      await service.must('DELETE', `/dags/${id}`);
      const events = firstOnes(await toldOn(world, topic, 5)).reverse() as unknown as CloudEvent<DagEventData>[];
      const of = (title: string) => events.filter(({ data }) => data.title === title);
      expect(of('First').map(({ type }) => type)).toEqual(['automation.dag.created']);
      expect(of('Second').map(({ type, sequence, data }) => [type, sequence, data.version, data.status])).toEqual([
        ['automation.dag.created', '0000000001.0', 'v0.0.0', 'normal'],
        ['automation.dag.updated', '0000000002.0', 'v0.0.1', 'stopped'],
        ['automation.dag.status_changed', '0000000002.1', 'v0.0.1', 'stopped'],
        ['automation.dag.deleted', '0000000003.0', 'v0.0.1', 'stopped'],
      ]);
      expect(new Set(of('Second').map(({ subject, data }) => [subject, data.by].join()))).toEqual(
        new Set([`${id},admin`]),
      );
      expect(events.filter(({ subject }) => subject === untold)).toEqual([]);
      await until(async () => (await metric(service, 'events_waiting')) === 0);
      expect(await service.stop()).toMatchObject({ code: 0 });
    } finally {
      for (const service of running) await service.kill();
      folder.remove();
      await world.close();
    }
  }, 180_000);

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
      // Of the DAG one more, and of each command its audit record.
      await until(async () => (await metric(service, 'events_waiting')) === 41 + 21);
      expect(service.output).toMatch(/KAFKA_BROKERS.*cannot be reached/);
      await kafka.up();
      world = await KafkaWorld.open(kafka.brokers);
      const topic = 'automation.instance.lifecycle';
      await world.waitFor(topic);
      expect(typesByInstance(await toldOn(world, topic, 40)).size).toBe(20);
      await world.close();
      world = undefined;
      await kafka.down();
      const late = await started(service, 20);
      await until(async () => (await health(service)).checks.kafka === 'down');
      await kafka.up();
      world = await KafkaWorld.open(kafka.brokers);
      const types = typesByInstance(await toldOn(world, topic, 80));
      expect([...types.keys()].sort()).toEqual([...early, ...late].sort());
      expect(new Set([...types.values()].map(String))).toEqual(new Set(['started,ended']));
      await until(async () => seen.size === 80, 60_000);
      await until(async () => (await health(service)).checks.kafka === 'up');
      await until(async () => (await metric(service, 'events_waiting')) === 0);
      // No stack of the client's, and no flood.
      const lines = service.output.split('\n').filter((line) => line.startsWith('{'));
      expect(lines.length).toBeLessThan(60);
      expect(service.output + service.errors).not.toMatch(/"logger":"kafkajs"|TimeoutNegativeWarning/);
      expect(await service.stop()).toMatchObject({ code: 0 });
    } finally {
      await service.kill();
      await listener.stop();
      await world?.close();
      await kafka.close();
      folder.remove();
    }
  }, 180_000);
});
