import { KafkaWorld } from '@flow/testing/adapters/kafka';
import { Service, aFolder } from '../service';
import { until } from './told';

interface Shown {
  readonly id: string;
  readonly problem: { readonly code: string; readonly message: string } | null;
}
interface Fired {
  readonly status: string;
  readonly key: string;
  readonly reason: { readonly code: string } | null;
  readonly event: Readonly<Record<string, unknown>>;
}
interface Run {
  readonly input: Readonly<Record<string, unknown>>;
  readonly status: string;
}

const LARGE = 12 * 1024 * 1024;

describe('Triggers of topics', () => {
  let world: KafkaWorld;
  let service: Service;
  let folder: ReturnType<typeof aFolder>;
  beforeAll(async () => {
    world = await KafkaWorld.open();
    folder = aFolder();
    await world.topic('dead-letters');
    await world.topic('instance.lifecycle');
    await world.topic('dag.lifecycle');
    await world.topic('audit');
    service = await Service.start(folder.path, {
      KAFKA_BROKERS: world.brokers,
      KAFKA_TOPIC_PREFIX: world.prefix,
      EVENT_TOPICS_ALLOWED: `${world.prefix}in.*`,
    });
  }, 120_000);
  afterAll(async () => {
    await service.stop();
    folder.remove();
    await world.close();
  });

  let dags = 0;
  const aTrigger = async (config: object, more: object = {}) => {
    dags += 1;
    const { id } = await service.must<{ id: string }>('POST', '/dags', {
      title: `Events ${dags}`,
      steps: [
        { id: '0', operator: '@trigger/manual' },
        { id: '1', operator: '@internal/text/join', parameters: { texts: ['a', 'b'], separator: ',' } },
      ],
    });
    const { topic } = config as { topic: string };
    world.group(`triggers.${topic}`);
    const trigger = await service.must<Shown>('POST', `/dags/${id}/triggers`, { kind: 'event', config, ...more });
    return { dag: id, ...trigger };
  };
  const firingsOf = async (id: string) =>
    (await service.must<{ items: Fired[] }>('GET', `/triggers/${id}/firings?limit=200`)).items.reverse();
  const runsOf = async (dag: string) =>
    (await service.must<{ items: Run[] }>('GET', `/dags/${dag}/instances?limit=200`)).items;
  const isDecided = (id: string, count: number) => async () =>
    (await firingsOf(id)).filter(({ status }) => status !== 'pending').length === count;

  it('start a run of each message that came since they were made, and keep what nobody can read', async () => {
    const topic = world.expects('in.orders');
    const admin = world.client.admin();
    await admin.connect();
    const configEntries = [{ name: 'max.message.bytes', value: String(LARGE) }];
    await admin.createTopics({ topics: [{ topic, numPartitions: 2, configEntries }], waitForLeaders: true });
    await admin.disconnect();
    await world.send(topic, [{ value: '{"n":0}' }]);
    const { id, dag, problem } = await aTrigger({ source: 'kafka', topic }, { filter: 'event.type != "ignored"' });
    expect(problem).toBeNull();
    const claims = { 'content-type': 'application/json' };
    await world.send(topic, [
      { value: '{"n":1}', partition: 0 },
      {
        value: JSON.stringify({ specversion: '1.0', id: 'e1', source: '/s', type: 'placed', data: { n: 2 } }),
        partition: 1,
      },
      { value: '{"n":', partition: 0, headers: claims },
      { value: Buffer.of(0x22, 0xff, 0x22) as never, partition: 0, headers: claims },
      { value: '{"n":3}', partition: 0, headers: { ...claims, ce_specversion: '1.0', ce_id: 'e2' } },
      { value: '{"n":4}', partition: 0, headers: claims },
    ]);
    await world.send(topic, [{ value: 'x'.repeat(10 * 1024 * 1024), partition: 1 }]);
    await world.send(topic, [{ value: '{"n":5}', partition: 1 }]);
    await until(isDecided(id, 8), 60_000);
    const firings = await firingsOf(id);
    expect(firings.map(({ status, reason }) => (reason ? `${status} ${reason.code}` : status)).sort()).toEqual([
      'dead event.invalid',
      'dead event.too_large',
      'dead json.malformed',
      'dead json.not_utf8',
      'fired',
      'fired',
      'fired',
      'fired',
    ]);
    const large = firings.find(({ reason }) => reason?.code === 'event.too_large');
    expect(large?.event).toMatchObject({ databytes: 10 * 1024 * 1024, data: null });
    expect(JSON.stringify(large?.event).length).toBeLessThan(4_000);
    await until(async () => (await runsOf(dag)).every(({ status }) => status === 'succeeded'));
    expect((await runsOf(dag)).map(({ input }) => input.n).sort()).toEqual([1, 2, 4, 5]);
  }, 120_000);

  it('wait for a topic that is not there, say so, and take what comes when it is', async () => {
    const topic = `${world.prefix}in.later`;
    const { id, problem } = await aTrigger({ source: 'kafka', topic });
    expect(problem).toMatchObject({ code: 'kafka.topic_missing' });
    await world.topic('in.later');
    await world.send(topic, [{ value: '{"n":1}' }]);
    await until(isDecided(id, 1), 60_000);
    expect(await service.must<Shown>('GET', `/triggers/${id}`)).toMatchObject({ problem: null });
  }, 120_000);

  it('of one topic get each message each, and hear nothing while they are disabled', async () => {
    const topic = await world.topic('in.shared', 3);
    const [first, second] = [await aTrigger({ source: 'kafka', topic }), await aTrigger({ source: 'kafka', topic })];
    await service.must('POST', `/triggers/${second.id}/disable`);
    await world.send(
      topic,
      Array.from({ length: 30 }, (_, n) => ({ value: String(n), partition: n % 3 })),
    );
    await until(isDecided(first.id, 30), 60_000);
    await service.must('POST', `/triggers/${second.id}/enable`);
    await world.send(
      topic,
      Array.from({ length: 30 }, (_, n) => ({ value: String(n), partition: n % 3 })),
    );
    await until(isDecided(first.id, 60), 60_000);
    await until(isDecided(second.id, 30), 60_000);
  }, 180_000);

  it('are refused for a topic that the installation does not allow', async () => {
    await expect(aTrigger({ source: 'kafka', topic: 'in.orders' })).rejects.toThrow(/EVENT_TOPICS_ALLOWED/);
    await expect(aTrigger({ source: 'kafka', topic: `${world.prefix}dead-letters` })).rejects.toThrow(
      /trigger.topic_forbidden/,
    );
  });
});
