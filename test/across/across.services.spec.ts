import { randomBytes } from 'node:crypto';
import { ended, killed, pause, strikeAcross, zombie, type Fault } from './faults';

const SEED = Number(process.env.SEED ?? 1);
const ROUNDS = Number(process.env.ROUNDS ?? 1);

/** Stores of their own for each run. */
function stores(): Readonly<Record<string, string>> {
  const url = process.env.TEST_MONGO_URL;
  if (!url) throw new Error('TEST_MONGO_URL is not set: run scripts/services.sh up, then npm run test:services.');
  const mongo = new URL(url);
  mongo.pathname = `/flow_across_${randomBytes(6).toString('hex')}`;
  return { MONGODB_URL: mongo.href };
}

describe('Three processes on the same stores lose nothing and do nothing twice', () => {
  it.each<[string, readonly Fault[]]>([
    ['when one of them is killed', [killed, killed]],
    ['when one of them is away for so long that the others take over, and comes back', [zombie]],
    ['when one of them is away for a moment', [pause, pause]],
    ['when one of them is told to stop', [ended, ended]],
  ])(
    '%s',
    async (_what, faults) => {
      const all = Array.from({ length: ROUNDS }, () => faults).flat();
      const found = await strikeAcross(stores(), all, { seed: SEED });
      expect(found.violations).toEqual([]);
      expect(found.hits).toBe(found.faults);
      expect(found.runs).toBeGreaterThan(10);
    },
    900_000,
  );
});
