import { KafkaWorld } from '@flow/testing/adapters/kafka';
import { Service, aFolder } from '../service';
import { until } from './told';

/** `EVENT_KILLS=200 npm run test:services -- test/events/event-trigger-kills` takes long. */
const KILLS = Number(process.env.EVENT_KILLS ?? 10);
const MESSAGES_A_KILL = 300;
const PARTITIONS = 3;

interface Listed<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
  readonly total?: number;
}
interface Run {
  readonly input: { readonly n: number };
  readonly status: string;
}

describe('A service that is killed between messages and their offsets', () => {
  it(
    `starts one run of each message, ${KILLS} kills`,
    async () => {
      const world = await KafkaWorld.open();
      const folder = aFolder();
      const admin = world.client.admin();
      await admin.connect();
      try {
        for (const own of ['dead-letters', 'instance.lifecycle', 'dag.lifecycle']) await world.topic(own);
        const topic = await world.topic('in.killed', PARTITIONS);
        const groupId = world.group(`triggers.${topic}`);
        const start = () =>
          Service.start(folder.path, {
            KAFKA_BROKERS: world.brokers,
            KAFKA_TOPIC_PREFIX: world.prefix,
            EVENT_TOPICS_ALLOWED: topic,
            LOG_LEVEL: 'fatal',
          });
        const writtenDown = async () => {
          const [one] = await admin.fetchOffsets({ groupId, topics: [topic] });
          return (one?.partitions ?? []).reduce((sum, { offset }) => sum + Math.max(0, Number(offset)), 0);
        };
        let service = await start();
        const { id: dag } = await service.must<{ id: string }>('POST', '/dags', {
          title: 'Killed',
          steps: [
            { id: '0', operator: '@trigger/manual' },
            { id: '1', operator: '@internal/text/join', parameters: { texts: ['a', 'b'], separator: ',' } },
          ],
        });
        const { id: trigger } = await service.must<{ id: string }>('POST', `/dags/${dag}/triggers`, {
          kind: 'event',
          config: { source: 'kafka', topic },
        });
        const accepted = async () =>
          (await service.must<Listed<unknown>>('GET', `/triggers/${trigger}/firings?limit=1&count=true`)).total ?? 0;
        let sent = 0;
        let hits = 0;
        for (let kill = 1; kill <= KILLS; kill += 1) {
          const before = await accepted();
          const messages = Array.from({ length: MESSAGES_A_KILL }, (_, i) => sent + i);
          await world.send(
            topic,
            messages.map((n) => ({ value: JSON.stringify({ n }), partition: n % PARTITIONS })),
          );
          sent += MESSAGES_A_KILL;
          await until(async () => (await accepted()) > before, 60_000);
          service.child.kill('SIGKILL');
          await service.exited;
          const offsets = await writtenDown();
          service = await start();
          // What was durable and not written down comes again.
          if ((await accepted()) > offsets) hits += 1;
        }
        await until(async () => (await accepted()) >= sent, 60_000);
        const runs: Run[] = [];
        const all = async () => {
          runs.length = 0;
          for (let cursor = ''; ;) {
            const page = await service.must<Listed<Run>>('GET', `/dags/${dag}/instances?limit=200${cursor}`);
            runs.push(...page.items);
            if (page.nextCursor === null) return;
            cursor = `&cursor=${page.nextCursor}`;
          }
        };
        await until(async () => {
          await all();
          return runs.length >= sent && runs.every(({ status }) => status === 'succeeded');
        }, 60_000);
        expect(await accepted()).toBe(sent);
        expect(runs.map(({ input }) => input.n).sort((a, b) => a - b)).toEqual(
          Array.from({ length: sent }, (_, n) => n),
        );
        await until(async () => (await writtenDown()) === sent, 30_000);
        await service.stop();
        expect(hits).toBeGreaterThanOrEqual(Math.ceil(KILLS / 2));
      } finally {
        await admin.disconnect();
        await world.close();
        folder.remove();
      }
    },
    120_000 + KILLS * 20_000,
  );
});
