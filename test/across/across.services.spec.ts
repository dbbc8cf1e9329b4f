import { SeededRandom } from '@flow/testing/kernel';
import { FAULTS, type FaultName } from './faults';
import { Servers } from './servers';
import { strikeAcross } from './strikes';

/** `SEED` chooses others; `npm run chaos -- across` strikes with all of them. */
const SEED = Number(process.env.SEED ?? 1);
const ROUNDS = Number(process.env.ROUNDS ?? 1);

/** One after which others go on with what a process held, one of a process, one of a server, and one of a way to it. */
const KINDS: readonly (readonly FaultName[])[] = [
  ['killed', 'zombie', 'mongoLost'],
  ['pause', 'ended'],
  ['redisKilled', 'redisStopped', 'redisFlushed', 'mariadbKilled', 'kafkaKilled'],
  [
    'mongoReset',
    'mongoSlow',
    'mongoAway',
    'mariadbReset',
    'mariadbSlow',
    'mariadbAway',
    'redisReset',
    'redisSlow',
    'redisAway',
  ],
];

function chosen(): readonly FaultName[] {
  const random = new SeededRandom(SEED);
  return KINDS.map((kind) => kind[Math.floor(random.fraction() * kind.length)]!);
}

describe('Several processes on the same stores', () => {
  let servers: Servers;
  beforeAll(async () => {
    servers = await Servers.open({ hasKafka: true });
  }, 60_000);
  afterAll(() => servers.close());

  it('have each fault in one of the kinds of which one is chosen', () => {
    expect(KINDS.flat().toSorted()).toEqual(Object.keys(FAULTS).toSorted());
  });

  it(`lose nothing, do nothing twice and keep nobody waiting when processes, servers and the ways between them fail (SEED=${SEED}: ${chosen().join(', ')})`, async () => {
    const faults = Array.from({ length: ROUNDS }, chosen).flat();
    const found = await strikeAcross(
      servers,
      faults.map((name) => FAULTS[name]),
      { seed: SEED },
    );
    expect(found.violations).toEqual([]);
    expect(found.hits).toBe(found.faults);
    expect(found.runs).toBeGreaterThan(10);
    // Each kind of trigger had something to decide.
    for (const count of Object.values(found.fired ?? {})) expect(count).toBeGreaterThan(0);
    expect(found.fired).toBeDefined();
  }, 900_000);
});
