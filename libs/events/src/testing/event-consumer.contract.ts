import { MessageRefused, type Consumption, type EventConsumer, type ReceivedMessage } from '@flow/events';
import { AppError } from '@flow/kernel';

export interface SentMessage {
  readonly value: string | null;
  readonly partition: number;
  readonly key?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface DeadLetter {
  readonly value: string | null;
  readonly headers: Readonly<Record<string, string>>;
}

export interface ConsumerWorld {
  /** As another process has it. */
  readonly consumer: () => EventConsumer;
  /** A topic of four partitions that nobody else uses. */
  readonly topic: string;
  readonly group: string;
  readonly send: (messages: readonly SentMessage[]) => Promise<void>;
  /** Everything that is there; waits until it is so many. */
  readonly deadLetters: (count: number) => Promise<readonly DeadLetter[]>;
  readonly faults: readonly unknown[];
  readonly close: () => Promise<void>;
}

const PARTITIONS = 4;
const STOP_MS = 10_000;

class Away extends AppError {
  readonly kind = 'unavailable';
  readonly code = 'test.away';
}

async function until(isSo: () => boolean, withinMs = 40_000): Promise<void> {
  const end = Date.now() + withinMs;
  while (!isSo()) {
    if (Date.now() > end) throw new Error(`It has not come to be within ${withinMs} ms: ${isSo.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** What every EventConsumer keeps. */
export function eventConsumerContract(name: string, open: () => Promise<ConsumerWorld>): void {
  describe(`${name} as an EventConsumer`, () => {
    let world: ConsumerWorld;
    let running: Consumption[];
    beforeEach(async () => {
      running = [];
      world = await open();
    });
    afterEach(async () => {
      await Promise.all(running.map((one) => one.stop(STOP_MS)));
      await world.close();
    });

    const subscribe = (
      handler: (message: ReceivedMessage, signal: AbortSignal) => Promise<void>,
      change: { group?: string; from?: 'beginning' | 'now' } = {},
    ) => {
      const { group = world.group, from = 'beginning' } = change;
      const consumption = world.consumer().subscribe({ group, topics: [world.topic], from }, handler);
      running.push(consumption);
      return consumption;
    };
    const numbered = (count: number, from = 0): SentMessage[] =>
      Array.from({ length: count }, (_, i) => ({ value: String(from + i), partition: (from + i) % PARTITIONS }));
    const textOf = ({ value }: ReceivedMessage) => Buffer.from(value ?? []).toString('utf8');
    const lagOf = async (consumption: Consumption) => (await consumption.lag()).reduce((sum, { lag }) => sum + lag, 0);

    it('brings what was sent as it was, a partition in its order, and goes on where it ended', async () => {
      await world.send([{ value: 'ü', partition: 2, key: 'k', headers: { traceparent: '00-a-b-01' } }]);
      await world.send(numbered(40));
      const seen: ReceivedMessage[] = [];
      const take = async (message: ReceivedMessage) => void seen.push(message);
      const first = subscribe(take);
      await until(() => seen.length === 41);
      expect(seen.find(({ key }) => key === 'k')).toMatchObject({
        topic: world.topic,
        partition: 2,
        offset: '0',
        headers: { traceparent: '00-a-b-01' },
        idempotencyKey: `kafka:${world.group}:${world.topic}:2:0`,
      });
      for (let partition = 0; partition < PARTITIONS; partition += 1) {
        const offsets = seen.filter((one) => one.partition === partition).map(({ offset }) => Number(offset));
        expect(offsets).toEqual(offsets.map((_, i) => i));
      }
      await first.stop(STOP_MS);
      expect(await lagOf(first)).toBe(0);
      await world.send(numbered(8, 100));
      expect(await lagOf(first)).toBe(8);
      subscribe(take);
      await until(() => seen.length === 49);
      expect(new Set(seen.slice(41).map(textOf))).toEqual(new Set(numbered(8, 100).map(({ value }) => value)));
    });

    it('brings all to each group, and to one that begins now what comes from then on', async () => {
      await world.send(numbered(8));
      const [all, later]: [string[], string[]] = [[], []];
      subscribe(async (message) => void all.push(textOf(message)), { group: `${world.group}-all` });
      const now = subscribe(async (message) => void later.push(textOf(message)), { from: 'now' });
      await until(() => all.length === 8);
      // What comes before it has taken anything, and while nobody of it is there, is its own already.
      await new Promise<void>((resolve, reject) => {
        const look = (): void => {
          now.lag().then((lag) => (lag.length === PARTITIONS ? resolve() : setTimeout(look, 50)), reject);
        };
        look();
      });
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      await now.stop(STOP_MS);
      await world.send(numbered(4, 50));
      subscribe(async (message) => void later.push(textOf(message)), { from: 'now' });
      await until(() => all.length === 12 && later.length === 4);
      expect(later.sort()).toEqual(['50', '51', '52', '53']);
    });

    it('puts what cannot be taken to the dead letters, with its place and the reason, and goes on behind it', async () => {
      const poison = { value: '{broken', partition: 1, key: 'p', headers: { source: 'shop' } };
      await world.send([{ value: '1', partition: 1 }, poison, { value: '2', partition: 1 }]);
      const seen: string[] = [];
      const consumption = subscribe(async (message) => {
        if (textOf(message) === '{broken') throw new MessageRefused('message.not_json', 'Its value is not JSON.');
        seen.push(textOf(message));
      });
      await until(() => seen.length === 2);
      expect(seen).toEqual(['1', '2']);
      const [letter] = await world.deadLetters(1);
      expect(letter).toMatchObject({
        value: '{broken',
        headers: {
          source: 'shop',
          'dead-letter-id': `kafka:${world.group}:${world.topic}:1:1`,
          'dead-letter-group': world.group,
          'dead-letter-topic': world.topic,
          'dead-letter-partition': '1',
          'dead-letter-offset': '1',
          'dead-letter-code': 'message.not_json',
          'dead-letter-reason': 'Its value is not JSON.',
        },
      });
      await consumption.stop(STOP_MS);
      expect(await lagOf(consumption)).toBe(0);
    });

    it('tries again what fails for now, in its place, while other partitions move', async () => {
      await world.send([
        { value: 'waits', partition: 0 },
        { value: 'behind', partition: 0 },
      ]);
      let isAway = true;
      let attempts = 0;
      const seen: string[] = [];
      subscribe(async (message) => {
        if (textOf(message) === 'waits') {
          attempts += 1;
          if (isAway) throw new Away('The store is away.');
        }
        seen.push(textOf(message));
      });
      await until(() => attempts >= 2);
      await world.send(numbered(30, 1).map((message) => ({ ...message, partition: 1 + (Number(message.value) % 3) })));
      await until(() => seen.length === 30);
      expect(seen).not.toContain('behind');
      isAway = false;
      await until(() => seen.length === 32);
      expect(seen.slice(30)).toEqual(['waits', 'behind']);
      expect(world.faults.length).toBeGreaterThanOrEqual(2);
    });

    it('lets what is under way end when it stops, and writes down that it was taken', async () => {
      await world.send([
        { value: 'slow', partition: 0 },
        { value: 'next', partition: 0 },
      ]);
      let finish: (() => void) | undefined;
      const seen: string[] = [];
      const first = subscribe(async (message) => {
        await new Promise<void>((resolve) => (finish = resolve));
        seen.push(textOf(message));
      });
      await until(() => finish !== undefined);
      const stopped = first.stop(STOP_MS);
      finish?.();
      await stopped;
      expect(seen).toEqual(['slow']);
      subscribe(async (message) => void seen.push(textOf(message)));
      await until(() => seen.length === 2);
      expect(seen).toEqual(['slow', 'next']);
    });

    it('cuts off what is under way when the time for its end is over, and brings it again', async () => {
      await world.send([{ value: 'hangs', partition: 0 }]);
      let begun = 0;
      const first = subscribe(() => {
        begun += 1;
        return new Promise(() => undefined);
      });
      await until(() => begun === 1);
      await first.stop(200);
      const seen: string[] = [];
      subscribe(async (message) => void seen.push(textOf(message)));
      await until(() => seen.length === 1);
      expect([seen, await world.deadLetters(0)]).toEqual([['hangs'], []]);
    });

    it('loses nothing while members join and leave under load, and repeats nothing under another key', async () => {
      const effects = new Map<string, string>();
      let [sent, isOver] = [0, false];
      const load = (async () => {
        for (; !isOver; sent += 20) {
          await world.send(numbered(20, sent));
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
      })();
      const member = () => {
        const taken = { count: 0 };
        const consumption = subscribe(async (message) => {
          await new Promise((resolve) => setTimeout(resolve, 1));
          effects.set(message.idempotencyKey, textOf(message));
          taken.count += 1;
        });
        return { taken, consumption };
      };
      const one = member();
      await until(() => one.taken.count >= 20);
      const two = member();
      await until(() => two.taken.count >= 20);
      await one.consumption.stop(STOP_MS);
      const before = two.taken.count;
      const three = member();
      await until(() => three.taken.count >= 20 && two.taken.count > before);
      await two.consumption.stop(STOP_MS);
      isOver = true;
      await load;
      await until(() => effects.size >= sent);
      expect(effects.size).toBe(sent);
      expect(new Set(effects.values()).size).toBe(sent);
    });
  });
}
