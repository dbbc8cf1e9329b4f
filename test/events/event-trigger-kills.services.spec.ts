import { KafkaWorld } from '@flow/testing/adapters/kafka';
import { Service, aFolder } from '../service';
import { until } from './told';

/**
 * The broker holds a dead member's partitions until its session is over, which is most of the time.
 * `EVENT_KILLS=200 npm run test:services -- test/events/event-trigger-kills` takes hours.
 */
const KILLS = Number(process.env.EVENT_KILLS ?? 2);
const TOPICS = 5;
const MESSAGES_A_KILL = 200;
const PARTITIONS = 2;

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
        for (const own of ['dead-letters', 'instance.lifecycle', 'dag.lifecycle', 'audit']) await world.topic(own);
        const topics: string[] = [];
        for (let n = 0; n < TOPICS; n += 1) topics.push(await world.topic(`in.killed-${n}`, PARTITIONS));
        const start = (more: Readonly<Record<string, string>> = {}) =>
          Service.start(folder.path, {
            KAFKA_BROKERS: world.brokers,
            KAFKA_TOPIC_PREFIX: world.prefix,
            EVENT_TOPICS_ALLOWED: `${world.prefix}in.*`,
            LOG_LEVEL: 'fatal',
            ...more,
          });
        const writtenDown = async (topic: string) => {
          const [one] = await admin.fetchOffsets({ groupId: world.group(`triggers.${topic}`), topics: [topic] });
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
        const triggers = await Promise.all(
          topics.map(async (topic) => {
            const config = { source: 'kafka', topic };
            const sent = { kind: 'event', config, input: { n: '{{event.data.n}}' } };
            return (await service.must<{ id: string }>('POST', `/dags/${dag}/triggers`, sent)).id;
          }),
        );
        const accepted = () =>
          Promise.all(
            triggers.map(async (id) => {
              const page = await service.must<Listed<unknown>>('GET', `/triggers/${id}/firings?limit=1&count=true`);
              return page.total ?? 0;
            }),
          );
        let sent = 0;
        let hits = 0;
        for (let kill = 1; kill <= KILLS; kill += 1) {
          await service.stop();
          service = await start({ FAILPOINT: 'firing.accept.after' });
          const ns = Array.from({ length: MESSAGES_A_KILL }, (_, i) => sent + i);
          const messages = ns.map((n) => ({ value: JSON.stringify({ n }), partition: n % PARTITIONS }));
          await Promise.all(topics.map((topic) => world.send(topic, messages)));
          sent += MESSAGES_A_KILL;
          // It dies by kill -9 when firings are durable, before anything else is done.
          await service.exited;
          const offsets = await Promise.all(topics.map(writtenDown));
          service = await start();
          // What is durable here and not written down there comes again.
          const standing = await accepted();
          const isHit = standing.some((count, i) => count > (offsets[i] ?? 0));
          if (isHit) hits += 1;
        }
        await until(async () => (await accepted()).every((count) => count >= sent), 120_000);
        let runs: Run[] = [];
        const all = async (): Promise<Run[]> => {
          const found: Run[] = [];
          for (let cursor = ''; ;) {
            const page = await service.must<Listed<Run>>('GET', `/dags/${dag}/instances?limit=200${cursor}`);
            found.push(...page.items);
            if (page.nextCursor === null) return found;
            cursor = `&cursor=${page.nextCursor}`;
          }
        };
        await until(async () => {
          runs = await all();
          return runs.length >= sent * TOPICS && runs.every(({ status }) => status === 'succeeded');
        }, 120_000);
        expect(await accepted()).toEqual(topics.map(() => sent));
        const wanted = topics.flatMap(() => Array.from({ length: sent }, (_, n) => n));
        expect(runs.map(({ input }) => input.n).sort((a, b) => a - b)).toEqual(wanted.sort((a, b) => a - b));
        await service.stop();
        expect(hits).toBe(KILLS);
      } finally {
        await admin.disconnect();
        await world.close();
        folder.remove();
      }
    },
    300_000 + KILLS * 60_000,
  );
});
