import { SeededRandom } from '@flow/testing/kernel';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './build';
import { Load } from './load';
import { Service, aFolder } from './service';
import { Sink } from './sink';

const KILLS = Number(process.env.KILLS ?? 10);
const SEED = Number(process.env.KILL_SEED ?? 1);
const CALLERS = 8;
const ENVIRONMENT = { OUTBOUND_ALLOW: '127.0.0.1', LOG_LEVEL: 'error' };

/** Writes of a process that takes over what a dead one left, and of one that runs flows; the latter die at their nth time, in the midst of it. */
const TAKE_OVER = ['log.open', 'log.seal', 'instance.claim', 'log.close'];
const AT_WORK = {
  'log.append': 20,
  'idempotency.begin': 20,
  'idempotency.finish': 20,
  'instance.project': 2,
  'log.mark': 4,
};

const SOURCES = join(ROOT, 'libs/adapters/embedded/src');
const SOURCE = readdirSync(SOURCES)
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'))
  .map((file) => readFileSync(join(SOURCES, file), 'utf8'))
  .join('\n');

/** The failpoints of a write: what is one statement has no moment between writing and committing. */
function failpointsOf(name: string): string[] {
  const call = new RegExp(`\\bdb\\.(write|transaction)\\(\\s*'${name}'`).exec(SOURCE)?.[1];
  if (call === undefined) throw new Error(`There is no write ${name} any more.`);
  return (call === 'write' ? ['before', 'after'] : ['before', 'commit', 'after']).map((moment) => `${name}.${moment}`);
}

/** A service that is killed again and again on one folder, and what was asked of it all the while. */
class Life {
  private constructor(
    private readonly folder: ReturnType<typeof aFolder>,
    private readonly sink: Sink,
    readonly load: Load,
    public service: Service,
  ) {}

  static async begin(): Promise<Life> {
    const folder = aFolder();
    const sink = await Sink.open((call) => (call * 7) % 20);
    const load = new Load(sink);
    const service = await Service.start(folder.path, ENVIRONMENT);
    await load.prepare(service);
    return new Life(folder, sink, load, service);
  }

  /** The next process on the same folder; whether it came so far as to be ready. */
  async next(environment: Readonly<Record<string, string>> = {}): Promise<boolean> {
    this.service = Service.spawn(this.folder.path, { ...ENVIRONMENT, ...environment });
    return this.service.ready().then(
      () => true,
      () => false,
    );
  }

  /** Everything that is not as it must be, once all has ended. */
  async check(): Promise<string[]> {
    await this.load.settle(this.service);
    return this.load.faults(this.service);
  }

  async end(): Promise<void> {
    await this.sink.close();
    await this.service.kill();
    this.folder.remove();
  }
}

/** A kill comes at a moment that nothing announces: here real time is what the test is about. */
function after(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

describe('A process that is killed', () => {
  /** Two folders side by side: a start keeps one core busy. */
  let lives: Life[];

  beforeEach(async () => {
    lives = await Promise.all([Life.begin(), Life.begin()]);
  });
  afterEach(async () => {
    await Promise.all(lives.map((life) => life.end()));
  });

  it(
    `${KILLS} times at any moment loses no run, completes none twice, and repeats no effect whose completion was durable`,
    async () => {
      const random = new SeededRandom(SEED);
      let inFlight = 0;
      const killed = lives.map(async (life, lane) => {
        const { load } = life;
        for (let kill = lane; kill < KILLS; kill += lives.length) {
          // A step that is in flight at three deaths fails by design; so every second life finishes what it took over.
          if (kill % 4 > 1) await load.ended(life.service);
          const acknowledgedBefore = load.acknowledged.length;
          const calls = load.call(life.service, CALLERS);
          // However slow the machine is, there is work that a kill can hit.
          while (load.acknowledged.length < acknowledgedBefore + 3) await after(5);
          await after(random.fraction() * 300);
          expect(await life.service.kill()).toEqual({ code: null, signal: 'SIGKILL' });
          await calls;
          expect(await life.next()).toBe(true);
          // Evidence that the kill hit work.
          if (/Going on with \d+ instance/.test(life.service.output)) inFlight += 1;
        }
        expect(await life.check()).toEqual([]);
        expect(load.acknowledged.length).toBeGreaterThan(KILLS * 2);
      });
      await Promise.all(killed);
      expect(inFlight).toBeGreaterThanOrEqual(KILLS / 2);
    },
    60_000 + KILLS * 12_000,
  );

  it('at each write, before, within and after it, loses nothing either', async () => {
    const atWork = Object.entries(AT_WORK).flatMap(([name, count]) =>
      failpointsOf(name).map((point) => `${point}@${count}`),
    );
    const takeOver = TAKE_OVER.flatMap(failpointsOf);
    // Who dies at work leaves something to take over to the next one.
    const pairs = atWork.map((point, i) => [point, ...takeOver.slice(i, i + 1)]);
    expect(pairs.flat()).toHaveLength(atWork.length + takeOver.length);
    const killed = lives.map(async (life, lane) => {
      await life.service.kill();
      for (const pair of pairs.filter((_, i) => i % lives.length === lane)) {
        for (const point of pair) {
          const ready = await life.next({ FAILPOINT: point });
          expect([point, ready]).toEqual([point, point.includes('@')]);
          if (ready) await life.load.call(life.service, CALLERS);
          expect([point, await life.service.exited]).toEqual([point, { code: null, signal: 'SIGKILL' }]);
        }
        // A step that is in flight at three deaths fails by design; so what two deaths have left is finished.
        expect(await life.next()).toBe(true);
        await life.load.ended(life.service);
        await life.service.kill();
      }
      expect(await life.next()).toBe(true);
      expect(await life.check()).toEqual([]);
      expect(life.load.acknowledged.length).toBeGreaterThan(50);
    });
    await Promise.all(killed);
  }, 360_000);
});
