import type { KafkaWorld } from '@flow/testing/adapters/kafka';
import { DatabaseSync } from '@photostructure/sqlite';
import { join } from 'node:path';
import { builtMain } from '../build';
import { notOutlivingUs } from '../chaos/leftovers';
import { Service, aFolder } from '../service';
import { until } from './told';

const TOPICS = 5;
const PARTITIONS = 2;
const MOMENTS = ['before', 'commit', 'after'] as const;
/** Each partition of each topic is taken in a write of its own: it comes to the third in any case. */
const MOST_WRITES = 3;
const DIES_WITHIN_MS = 90_000;
const ENDS_WITHIN_MS = 180_000;
const LIVE = 'queued,running,waiting,paused,cancelling';

export interface KillsOptions {
  readonly kills: number;
  /** To each topic, for each kill. */
  readonly messages: number;
  /** How long the broker waits for a dead process, as KAFKA_SESSION_TIMEOUT says it. */
  readonly session: string;
  /** No further kill behind this moment. */
  readonly endsAt?: number;
  readonly progress?: (kill: number) => void;
}

export interface KillsFindings {
  readonly messages: number;
  readonly kills: number;
  /** It died with messages in its hands: they stood behind the offset that was written down. */
  readonly inHand: number;
  /** Besides, what it had made of messages was durable, and their offset was not written down: these came again. */
  readonly between: number;
  readonly instances: number;
  /** Messages without a run. */
  readonly lost: number;
  /** Messages with more than one. */
  readonly doubled: number;
  /** Partitions whose messages are not all written down as read when no process is killed any more. */
  readonly stuck: readonly string[];
}

interface Run {
  readonly input: { readonly n: number };
  readonly status: string;
  readonly trigger: { readonly id: string };
}

/** One process after another on one folder reads topics, and each but the last is killed between a poll and the commit of its offsets. */
export async function killedBetween(
  world: KafkaWorld,
  { kills, messages, session, endsAt = Infinity, progress = () => undefined }: KillsOptions,
): Promise<KillsFindings> {
  const folder = aFolder();
  const admin = world.client.admin();
  await admin.connect();
  let service: Service | undefined;
  const isGone = notOutlivingUs(() => service?.child.kill('SIGKILL'));
  try {
    for (const own of ['dead-letters', 'instance.lifecycle', 'dag.lifecycle', 'audit']) await world.topic(own);
    const topics: string[] = [];
    for (let n = 0; n < TOPICS; n += 1) topics.push(await world.topic(`in.killed-${n}`, PARTITIONS));
    const settings = {
      KAFKA_BROKERS: world.brokers,
      KAFKA_TOPIC_PREFIX: world.prefix,
      KAFKA_SESSION_TIMEOUT: session,
      EVENT_TOPICS_ALLOWED: `${world.prefix}in.*`,
      LOG_LEVEL: 'fatal',
    };
    const main = builtMain();
    const spawn = (more: Readonly<Record<string, string>> = {}) =>
      (service = Service.spawn(folder.path, { ...settings, ...more }, main));
    const offsetsOf = async (topic: string) => {
      const [one] = await admin.fetchOffsets({ groupId: world.group(`triggers.${topic}`), topics: [topic] });
      return (one?.partitions ?? []).map((each) => ({ ...each, next: Math.max(0, Number(each.offset)) }));
    };
    const writtenDown = async (topic: string) => (await offsetsOf(topic)).reduce((sum, { next }) => sum + next, 0);

    const first = spawn();
    await first.ready();
    const triggers = await prepare(first, topics);
    await first.stop();
    let sent = 0;
    let killed = 0;
    let [inHand, between] = [0, 0];
    for (let kill = 1; kill <= kills && Date.now() < endsAt; kill += 1) {
      const nth = 1 + (Math.floor(kill / MOMENTS.length) % MOST_WRITES);
      const dying = spawn({ FAILPOINT: `firing.accept.${MOMENTS[kill % MOMENTS.length]}@${nth}` });
      const own = Array.from({ length: messages }, (_, i) => sent + i);
      sent += messages;
      const values = own.map((n) => ({ value: JSON.stringify({ n }), partition: n % PARTITIONS }));
      await Promise.all(topics.map((topic) => world.send(topic, values)));
      const { signal } = await within(DIES_WITHIN_MS, dying.exited, () => `kill ${kill}: nobody reads any more`);
      if (signal !== 'SIGKILL') throw new Error(`It was not killed by its failpoint:\n${dying.output}${dying.errors}`);
      const offsets = await Promise.all(topics.map(writtenDown));
      const durable = durableOf(folder.path, triggers);
      if (offsets.some((count) => count < sent)) inHand += 1;
      if (durable.some((count, i) => count > (offsets[i] ?? 0))) between += 1;
      killed = kill;
      progress(kill);
    }
    const last = spawn();
    await last.ready();
    const count = async (path: string) =>
      (await last.must<{ total: number }>('GET', `${path}&limit=1&count=true`)).total;
    const isTaken = async (topic: string, i: number) =>
      (await writtenDown(topic)) >= sent && (await count(`/triggers/${triggers[i]}/firings?status=fired`)) >= sent;
    // What was durable at a death may not have begun yet: its firing says so, no run does.
    await until(
      async () =>
        (await Promise.all(topics.map(isTaken))).every(Boolean) && (await count(`/instances?status=${LIVE}`)) === 0,
      ENDS_WITHIN_MS,
    ).catch(() => undefined);
    const runs = await runsOf(last);
    const stuck: string[] = [];
    for (const topic of topics)
      for (const { partition, next } of await offsetsOf(topic))
        if (next < sent / PARTITIONS) stuck.push(`${topic}[${partition}] stands at ${next} of ${sent / PARTITIONS}`);
    await last.stop();
    return { messages: sent * TOPICS, kills: killed, inHand, between, ...comparedWith(triggers, sent, runs), stuck };
  } finally {
    await service?.kill();
    isGone();
    await admin.disconnect();
    folder.remove();
  }
}

/** A trigger for each topic, of one DAG. */
async function prepare(service: Service, topics: readonly string[]): Promise<readonly string[]> {
  const { id: dag } = await service.must<{ id: string }>('POST', '/dags', {
    title: 'Killed',
    steps: [
      { id: '0', operator: '@trigger/manual' },
      { id: '1', operator: '@internal/text/join', parameters: { texts: ['a', 'b'], separator: ',' } },
    ],
  });
  return Promise.all(
    topics.map(async (topic) => {
      const sent = { kind: 'event', config: { source: 'kafka', topic }, input: { n: '{{event.data.n}}' } };
      return (await service.must<{ id: string }>('POST', `/dags/${dag}/triggers`, sent)).id;
    }),
  );
}

/** Firings of each trigger that are on the disk of a process that is dead. */
function durableOf(folder: string, triggers: readonly string[]): readonly number[] {
  const database = new DatabaseSync(join(folder, 'relational.db'));
  try {
    const count = database.prepare('SELECT count(*) AS n FROM firings WHERE trigger_id = ?');
    return triggers.map((id) => (count.get(id) as { n: number }).n);
  } finally {
    database.close();
  }
}

async function runsOf(service: Service): Promise<readonly Run[]> {
  const all: Run[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const page: { items: Run[]; nextCursor: string | null } = await service.must(
      'GET',
      `/instances?limit=200${cursor && `&cursor=${cursor}`}`,
    );
    all.push(...page.items);
    cursor = page.nextCursor;
  }
  return all;
}

function comparedWith(
  triggers: readonly string[],
  sent: number,
  runs: readonly Run[],
): Pick<KillsFindings, 'instances' | 'lost' | 'doubled'> {
  const counts = new Map<string, number>();
  for (const { input, status, trigger } of runs) {
    if (status !== 'succeeded') continue;
    const message = `${trigger.id} ${input.n}`;
    counts.set(message, (counts.get(message) ?? 0) + 1);
  }
  const wanted = triggers.flatMap((id) => Array.from({ length: sent }, (_, n) => `${id} ${n}`));
  return {
    instances: runs.length,
    lost: wanted.filter((message) => !counts.has(message)).length,
    doubled: [...counts.values()].filter((count) => count > 1).length,
  };
}

async function within<T>(ms: number, work: Promise<T>, why: () => string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${why()}: nothing within ${ms} ms.`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
