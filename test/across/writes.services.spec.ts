import { SeededRandom } from '@flow/testing/kernel';
import { killedAt } from './kills';
import { Servers } from './servers';
import { strikeAcross } from './strikes';
import { reachedAcross } from './writes';

/** `SEED` chooses others; `npm run chaos -- across --only writes` kills at all of them. */
const SEED = Number(process.env.SEED ?? 1);

/** One while it runs flows, and one while it goes on with what another held. */
function chosen() {
  const random = new SeededRandom(SEED);
  return (['work', 'takeover'] as const).map((at) => {
    const points = reachedAcross().filter(({ reach }) => reach.at === at);
    return points[Math.floor(random.fraction() * points.length)]!;
  });
}

describe('A process among others that is killed at a write of MongoDB', () => {
  const points = chosen();
  let servers: Servers;
  beforeAll(async () => {
    servers = await Servers.open();
  }, 60_000);
  afterAll(() => servers.close());

  it(`loses nothing, and nothing is done twice (SEED=${SEED}: ${points.map(({ name }) => name).join(', ')})`, async () => {
    const found = await strikeAcross(servers, points.map(killedAt), { seed: SEED });
    expect(found.violations).toEqual([]);
    expect(found.hits).toBe(points.length);
  }, 600_000);
});
