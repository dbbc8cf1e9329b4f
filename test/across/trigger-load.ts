import type { KafkaWorld } from '@flow/testing/adapters/kafka';
import { Partitioners, type Producer } from 'kafkajs';
import { createHmac } from 'node:crypto';
import { after, until } from '../chaos/house';
import type { Violation } from '../checker';
import type { Target } from '../service';

const TOPIC = 'in.across';
const PARTITIONS = 3;
const SECRET = 'a-secret-that-the-caller-has-too';
/** Each second that this divides is a fire time. */
const EVERY_S = 3;
const SENDERS = 2;
const PAUSE_MS = 400;
const PENDING = new Set(['pending', 'gathering']);
const LIVE = 'queued,running,waiting,paused,cancelling';
const MANUAL = { id: '0', operator: '@trigger/manual' };

interface Trigger {
  readonly id: string;
  readonly url?: string;
}

interface Firing {
  readonly at: string;
  readonly status: string;
  readonly reason: { readonly code: string } | null;
  readonly instanceId: string | null;
}

interface Run {
  readonly id: string;
  readonly status: string;
  readonly input: { readonly n?: number; readonly scheduledAt?: string; readonly instanceId?: string };
  readonly trigger: { readonly id?: string };
}

/** How often each kind of trigger had something to decide. */
export interface Fired {
  readonly times: number;
  readonly calls: number;
  readonly messages: number;
  readonly ends: number;
}

/**
 * Whatever starts runs by itself, under faults: a schedule, callers of a signed webhook, a topic, and the ends of all of these runs. What must be true of it is
 * worked out from the clock, from what was answered, from what the topic holds, and from the runs that have ended.
 */
export class TriggerLoad {
  /** Calls of the webhook by their number, with whether they were acknowledged. */
  private readonly calls: boolean[] = [];
  /** Messages that the broker has acknowledged. */
  private readonly messages = new Set<number>();
  private sent = 0;
  /** What a broker did not take at once. */
  refused = 0;
  private readonly surprises: string[] = [];
  private isHushed = false;
  private ids = { upstream: '', downstream: '', schedule: '', hook: '', topic: '', listener: '' };
  private hookPath = '';
  private begunAt = 0;
  private found: Fired = { times: 0, calls: 0, messages: 0, ends: 0 };

  private constructor(
    private readonly kafka: KafkaWorld,
    private readonly producer: Producer,
  ) {}

  static async open(kafka: KafkaWorld): Promise<TriggerLoad> {
    for (const own of ['dead-letters', 'instance.lifecycle', 'dag.lifecycle', 'audit']) await kafka.topic(own);
    await kafka.topic(TOPIC, PARTITIONS);
    const producer = kafka.client.producer({
      createPartitioner: Partitioners.DefaultPartitioner,
      allowAutoTopicCreation: false,
      retry: { retries: 0 },
    });
    await producer.connect();
    return new TriggerLoad(kafka, producer);
  }

  /** What each process is told besides. */
  static settingsOf(kafka: KafkaWorld): Readonly<Record<string, string>> {
    return {
      KAFKA_BROKERS: kafka.brokers,
      KAFKA_TOPIC_PREFIX: kafka.prefix,
      KAFKA_SESSION_TIMEOUT: 'PT5S',
      EVENT_TOPICS_ALLOWED: `${kafka.prefix}in.*`,
    };
  }

  async prepare(service: Target): Promise<void> {
    const end = (parameters: object) => ({ id: '1', operator: '@internal/return', parameters });
    const aDag = async (title: string, step: object) =>
      (await service.must<{ id: string }>('POST', '/dags', { title, steps: [MANUAL, step] })).id;
    const upstream = await aDag('fired', end({ ok: true }));
    const downstream = await aDag('listens', end({}));
    await service.must('POST', '/secrets', { name: 'hook', value: SECRET, hosts: [] });
    const aTrigger = (dag: string, sent: object) => service.must<Trigger>('POST', `/dags/${dag}/triggers`, sent);
    // The listener first: it hears every end that comes after its acknowledgement.
    const listener = await aTrigger(downstream, { kind: 'dag', config: { dagId: upstream } });
    const hook = await aTrigger(upstream, {
      kind: 'webhook',
      config: { signature: { preset: 'github', secrets: ['hook'] } },
    });
    const topic = await aTrigger(upstream, {
      kind: 'event',
      config: { source: 'kafka', topic: this.kafka.prefix + TOPIC },
      input: { n: '{{event.data.n}}' },
    });
    this.begunAt = Date.now();
    const schedule = await aTrigger(upstream, {
      kind: 'cron',
      config: { cron: `*/${EVERY_S} * * * * *`, missed: { policy: 'all' } },
    });
    this.hookPath = `/hooks/${hook.url?.split('/').at(-1) ?? ''}`;
    this.ids = { upstream, downstream, schedule: schedule.id, hook: hook.id, topic: topic.id, listener: listener.id };
  }

  /** Calls and sends until it is hushed. Resolves when everybody knows what became of what was sent. */
  async call(service: Target): Promise<void> {
    this.isHushed = false;
    await Promise.all([...Array.from({ length: SENDERS }, () => this.callHook(service)), this.sendMessages()]);
  }

  hush(): void {
    this.isHushed = true;
  }

  /** Resolves when each of them has fired: who reads topics has found its place by then. */
  async warm(service: Target, withinMs: number): Promise<void> {
    const { schedule, hook, topic, listener } = this.ids;
    const haveFired = async () => {
      const pages = [schedule, hook, topic, listener].map((id) =>
        service.must<{ items: readonly Firing[] }>('GET', `/triggers/${id}/firings?limit=1`),
      );
      const have = (await Promise.all(pages)).every(({ items }) => items.length > 0);
      if (!have) await after(PAUSE_MS);
      return have;
    };
    await until(haveFired, withinMs);
  }

  /** What has been fired, once the violations were looked for. */
  get fired(): Fired {
    return this.found;
  }

  /** No fault strikes any more: what was fired comes to its end, and is compared with what had to be. */
  async violations(service: Target, withinMs: number): Promise<readonly Violation[]> {
    const { schedule, upstream, downstream } = this.ids;
    await service.must('POST', `/triggers/${schedule}/disable`);
    const stoppedAt = Date.now();
    const inTopic = await this.inTopic();
    const broken: Violation[] = this.surprises.map((what) => ({ kind: 'surprise', what }));
    const isDone = async () => {
      const { total } = await service.must<{ total: number }>('GET', `/instances?status=${LIVE}&count=true&limit=1`);
      if (total > 0) return false;
      const told = await this.firings(service, 'topic');
      const heard = await this.firings(service, 'listener');
      const ended = await all<Run>(service, `/dags/${upstream}/instances?limit=200`);
      const firings = [
        ...told,
        ...heard,
        ...(await this.firings(service, 'schedule')),
        ...(await this.firings(service, 'hook')),
      ];
      return (
        told.length >= inTopic.length &&
        heard.length >= ended.length &&
        firings.every(({ status }) => !PENDING.has(status))
      );
    };
    await until(isDone, withinMs).catch(() => undefined);
    const runs = await all<Run>(service, `/dags/${upstream}/instances?limit=200`);
    const heard = await all<Run>(service, `/dags/${downstream}/instances?limit=200`);
    const of = (id: string) => runs.filter(({ trigger }) => trigger.id === id);
    for (const { id, status } of [...runs, ...heard])
      if (status !== 'succeeded')
        broken.push({ kind: 'stuck', what: `the run ${id} that a trigger started is ${status}` });

    // The first and the last time may lie beyond the moments at which the schedule was made and disabled.
    const times = timesBetween(this.begunAt + 2_000, stoppedAt - 2_000);
    const scheduled = of(schedule).map(({ input }) => Date.parse(input.scheduledAt ?? ''));
    broken.push(...compared('the time', times, scheduled, timesBetween(this.begunAt - 2_000, Date.now()), iso));
    broken.push(...rowsOf(times, await this.firings(service, 'schedule'), runs));
    const called = [...this.calls.keys()];
    const hooked = of(this.ids.hook).map(({ input }) => input.n ?? NaN);
    broken.push(
      ...compared(
        'the call',
        called.filter((n) => this.calls[n]),
        hooked,
        called,
      ),
    );
    const missing = [...this.messages].filter((n) => !inTopic.includes(n));
    for (const n of missing)
      broken.push({ kind: 'lost', what: `the broker lost the message ${n} that it acknowledged` });
    // What a broker took without an answer was sent again: then it holds two messages, and each is one.
    const read = of(this.ids.topic).map(({ input }) => input.n ?? NaN);
    broken.push(...compared('the message', inTopic, read, inTopic));
    const ends = runs.filter(({ status }) => status === 'succeeded').map(({ id }) => id);
    const told = heard.map(({ input }) => input.instanceId ?? '');
    broken.push(
      ...compared(
        'the end of',
        ends,
        told,
        runs.map(({ id }) => id),
      ),
    );
    this.found = { times: scheduled.length, calls: hooked.length, messages: read.length, ends: told.length };
    return broken;
  }

  async close(): Promise<void> {
    this.hush();
    await this.producer.disconnect().catch(() => undefined);
  }

  private isOver(): boolean {
    return this.isHushed;
  }

  private firings(service: Target, of: 'schedule' | 'hook' | 'topic' | 'listener'): Promise<readonly Firing[]> {
    return all<Firing>(service, `/triggers/${this.ids[of]}/firings?limit=200`);
  }

  /** A caller who gets no answer, or is asked to come again, sends the same call again. */
  private async callHook(service: Target): Promise<void> {
    while (!this.isHushed) {
      const n = this.calls.push(false) - 1;
      const signature = `sha256=${createHmac('sha256', SECRET).update(JSON.stringify({ n })).digest('hex')}`;
      for (let tries = 0; ; tries += 1) {
        const reply = await service
          .call('POST', this.hookPath, { n }, { 'x-hub-signature-256': signature })
          .catch(() => undefined);
        if (reply?.status === 202) {
          this.calls[n] = true;
          break;
        }
        if (reply && reply.status !== 503) this.surprises.push(`${reply.status} to a call of a webhook: ${reply.text}`);
        // Nobody has to know of what was sent when all was over.
        if (tries > 0 && this.isOver()) break;
        await after(PAUSE_MS);
      }
      await after(PAUSE_MS);
    }
  }

  private async sendMessages(): Promise<void> {
    while (!this.isHushed) {
      const n = this.sent;
      const messages = [{ value: JSON.stringify({ n }), partition: n % PARTITIONS }];
      try {
        await this.producer.send({ topic: this.kafka.prefix + TOPIC, acks: -1, timeout: 5_000, messages });
        this.messages.add(n);
        this.sent += 1;
      } catch {
        this.refused += 1;
        await this.producer.connect().catch(() => undefined);
      }
      await after(PAUSE_MS);
    }
  }

  /** The numbers that the topic holds, as the broker says it. */
  private async inTopic(): Promise<readonly number[]> {
    const read = await this.kafka.read(this.kafka.prefix + TOPIC, this.messages.size, 60_000);
    return read.map(({ message }) => (JSON.parse(String(message.value)) as { n: number }).n);
  }
}

function timesBetween(fromMs: number, toMs: number): readonly number[] {
  const every = EVERY_S * 1_000;
  const times: number[] = [];
  for (let at = Math.ceil(fromMs / every) * every; at <= toMs; at += every) times.push(at);
  return times;
}

const iso = (ms: number) => new Date(ms).toISOString();

/** Each that must be is there as often as it must, and nothing is that may not be. */
function compared<T>(
  what: string,
  must: readonly T[],
  are: readonly T[],
  may: readonly T[],
  shown: (one: T) => string = String,
): readonly Violation[] {
  const [wanted, standing, allowed] = [countsOf(must), countsOf(are), countsOf(may)];
  const broken: Violation[] = [];
  for (const [one, count] of wanted)
    if ((standing.get(one) ?? 0) < count)
      broken.push({ kind: 'lost', what: `${what} ${shown(one)} has ${standing.get(one) ?? 0} runs, not ${count}` });
  for (const [one, count] of standing)
    if (count > (allowed.get(one) ?? 0))
      broken.push({ kind: 'doubled', what: `${what} ${shown(one)} has ${count} runs, not ${allowed.get(one) ?? 0}` });
  return broken;
}

function countsOf<T>(all: readonly T[]): ReadonlyMap<T, number> {
  const counts = new Map<T, number>();
  for (const one of all) counts.set(one, (counts.get(one) ?? 0) + 1);
  return counts;
}

/** Every fire time stands in the history once: with its run, or with the reason why there is none. */
function rowsOf(times: readonly number[], firings: readonly Firing[], runs: readonly Run[]): readonly Violation[] {
  const ids = new Set(runs.map(({ id }) => id));
  const broken: Violation[] = [];
  const rows = new Map<number, Firing[]>();
  for (const firing of firings) rows.set(Date.parse(firing.at), [...(rows.get(Date.parse(firing.at)) ?? []), firing]);
  for (const at of times) {
    const [row, ...more] = rows.get(at) ?? [];
    if (!row) broken.push({ kind: 'lost', what: `no firing of ${iso(at)}` });
    else if (row.status === 'fired' ? !ids.has(row.instanceId ?? '') : row.reason === null)
      broken.push({ kind: 'wrong', what: `the firing of ${iso(at)} is ${row.status} and says neither run nor reason` });
    if (more.length > 0) broken.push({ kind: 'doubled', what: `${more.length + 1} firings of ${iso(at)}` });
  }
  return broken;
}

async function all<T>(service: Target, path: string): Promise<readonly T[]> {
  const items: T[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const page: { items: T[]; nextCursor: string | null } = await service.must(
      'GET',
      `${path}${cursor && `&cursor=${cursor}`}`,
    );
    items.push(...page.items);
    cursor = page.nextCursor;
  }
  return items;
}
