import { SeededRandom } from '@flow/testing/kernel';
import { killedAt } from './kills';
import { Servers } from './servers';
import { strikeAcross } from './strikes';
import { reachedAcross, type WriteOfMongo } from './writes';

/** `SEED` chooses others; `npm run chaos -- across --only writes` takes all of them. */
const SEED = Number(process.env.SEED ?? 1);
const MOST_AT_WORK = 2;

/** Some that a process comes to while it works, and one each of a start and of a takeover. */
function chosen(): readonly WriteOfMongo[] {
  const random = new SeededRandom(SEED);
  const someAt = (at: WriteOfMongo['reach']['at'], count: number) => {
    const all = reachedAcross().filter(({ reach }) => reach.at === at);
    return Array.from({ length: count }, () => all.splice(Math.floor(random.fraction() * all.length), 1)).flat();
  };
  return [...someAt('work', MOST_AT_WORK), ...someAt('start', 1), ...someAt('takeover', 1)];
}

describe('One of several processes on the same stores', () => {
  let servers: Servers;
  beforeAll(async () => {
    servers = await Servers.open();
  }, 60_000);
  afterAll(() => servers.close());

  const points = chosen();

  it(`may be killed at any write of MongoDB: nothing is lost, nothing done twice, nobody kept waiting (SEED=${SEED}: ${points.map(({ name }) => name).join(', ')})`, async () => {
    const found = await strikeAcross(servers, points.map(killedAt), { seed: SEED });
    expect(found.violations).toEqual([]);
    expect(found.missed).toEqual([]);
    expect(found.hits).toBe(points.length);
    expect(found.runs).toBeGreaterThan(10);
  }, 600_000);
});
