import type { CloudEvent } from '@flow/events';
import type { InstanceEventData } from '@flow/instances';
import { KafkaWorld } from '@flow/testing/adapters/kafka';
import { request } from 'undici';
import { Service, TOKEN, aFolder } from '../service';
import { OwnKafka } from './own-kafka';

type Told = CloudEvent<InstanceEventData>;

const STEPS = [
  { id: '0', operator: '@trigger/manual' },
  { id: '1', operator: '@internal/text/join', parameters: { texts: ['a', 'b'], separator: ',' } },
];

const toldOn = async (world: KafkaWorld, topic: string, count: number) =>
  (await world.read(topic, count, 60_000)).map(({ message }) => JSON.parse(String(message.value)) as Told);

/** One of each id, as it came first. */
const firstOnes = (events: readonly Told[]) => [...new Map([...events].reverse().map((one) => [one.id, one])).values()];

const typesByInstance = (events: readonly Told[]) => {
  const types = new Map<string, string[]>();
  for (const { subject, type } of [...firstOnes(events)].reverse())
    types.set(subject, [...(types.get(subject) ?? []), type.replace('automation.instance.', '')]);
  return types;
};

async function started(service: Service, count: number): Promise<string[]> {
  const { id: dag } = await service.must<{ id: string }>('POST', '/dags', {
    title: `Told ${Math.random()}`,
    steps: STEPS,
  });
  return Promise.all(
    Array.from(
      { length: count },
      async () => (await service.must<{ id: string }>('POST', `/dags/${dag}/run?wait=PT20S`, {})).id,
    ),
  );
}

async function until(isSo: () => Promise<boolean>, withinMs = 30_000): Promise<void> {
  const end = Date.now() + withinMs;
  while (!(await isSo())) {
    if (Date.now() > end) throw new Error(`It has not come to be within ${withinMs} ms: ${isSo.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const metric = async (service: Service, name: string) => {
  const { body } = await request(`${service.privateAddress}/metrics`, {
    headers: { authorization: `Bearer ${TOKEN}` },
  });
  return Number(new RegExp(`^flow_${name} (\\S+)$`, 'm').exec(await body.text())?.[1]);
};

const health = async (service: Service) => {
  const { body, statusCode } = await request(`${service.privateAddress}/health/ready`);
  return { statusCode, ...((await body.json()) as { status: string; checks: Record<string, string> }) };
};

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
      await until(async () => (await health(service)).checks.kafka === 'up');
      expect(await metric(service, 'events_waiting')).toBe(0);
      // No stack of the client's, and no flood.
      const lines = service.output.split('\n').filter((line) => line.startsWith('{'));
      expect(lines.length).toBeLessThan(60);
      expect(service.output + service.errors).not.toMatch(/"logger":"kafkajs"|TimeoutNegativeWarning/);
      expect(await service.stop()).toMatchObject({ code: 0 });
    } finally {
      await service.kill();
      await world?.close();
      kafka.close();
      folder.remove();
    }
  }, 180_000);
});
