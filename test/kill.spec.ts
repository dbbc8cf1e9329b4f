import { SeededRandom } from '@flow/testing/kernel';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './build';
import { Load } from './load';
import { Service, aFolder } from './service';
import { Sink } from './sink';

const KILLS = Number(process.env.KILLS ?? 10);
const SEED = Number(process.env.KILL_SEED ?? 1);
const CALLERS = 20;
const ENVIRONMENT = { OUTBOUND_ALLOW: '127.0.0.1', LOG_LEVEL: 'error' };

/** Writes of a process that takes over what a dead one left, and of one that runs flows; the latter die at their nth time, in the midst of it. */
const TAKE_OVER = ['log.open', 'log.seal', 'instance.claim', 'log.close'];
const AT_WORK = {
  'log.append': 80,
  'idempotency.begin': 80,
  'idempotency.finish': 80,
  'instance.project': 10,
  'log.mark': 5,
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

describe('A process that is killed', () => {
  let folder: ReturnType<typeof aFolder>;
  let sink: Sink;
  let load: Load;
  let service: Service;

  beforeEach(async () => {
    folder = aFolder();
    sink = await Sink.open((call) => (call * 7) % 20);
    load = new Load(sink);
    service = await Service.start(folder.path, ENVIRONMENT);
    await load.prepare(service);
  });
  afterEach(async () => {
    await sink.close();
    await service.kill();
    folder.remove();
  });

  it(
    `${KILLS} times at any moment loses no run, completes none twice, and repeats no effect whose completion was durable`,
    async () => {
      const random = new SeededRandom(SEED);
      let inFlight = 0;
      for (let kill = 0; kill < KILLS; kill += 1) {
        // A step that is in flight at three deaths fails by design; so every second life finishes what it took over.
        if (kill % 2) await load.ended(service);
        const calls = load.call(service, CALLERS);
        await new Promise((resolve) => setTimeout(resolve, 60 + random.fraction() * 300));
        expect(await service.kill()).toEqual({ code: null, signal: 'SIGKILL' });
        await calls;
        service = await Service.start(folder.path, ENVIRONMENT);
        // Evidence that the kill hit work.
        inFlight += Number(/Going on with (\d+) instance/.exec(service.output)?.[1] ?? 0) > 0 ? 1 : 0;
      }
      await load.settle(service);
      expect(await load.faults(service)).toEqual([]);
      expect(inFlight).toBeGreaterThanOrEqual(KILLS / 2);
      expect(load.acknowledged.length).toBeGreaterThan(KILLS * 5);
    },
    30_000 + KILLS * 4_000,
  );

  it('at each write, before, within and after it, loses nothing either', async () => {
    const atWork = Object.entries(AT_WORK).flatMap(([name, count]) =>
      failpointsOf(name).map((point) => `${point}@${count}`),
    );
    const takeOver = TAKE_OVER.flatMap(failpointsOf);
    // Who dies at work leaves something to take over to the next one.
    const points = atWork.flatMap((point, i) => [point, ...takeOver.slice(i, i + 1)]);
    expect(points.length).toBe(atWork.length + takeOver.length);
    await service.kill();
    for (const point of points) {
      service = Service.spawn(folder.path, { ...ENVIRONMENT, FAILPOINT: point });
      const ready = await service.ready().then(
        () => true,
        () => false,
      );
      expect([point, ready]).toEqual([point, point.includes('@')]);
      if (ready) await load.call(service, CALLERS);
      expect([point, await service.exited]).toEqual([point, { code: null, signal: 'SIGKILL' }]);
    }
    service = await Service.start(folder.path, ENVIRONMENT);
    await load.settle(service);
    expect(await load.faults(service)).toEqual([]);
    expect(load.acknowledged.length).toBeGreaterThan(200);
  }, 120_000);
});
