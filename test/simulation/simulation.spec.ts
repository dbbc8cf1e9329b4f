import { Evidence } from './faults';
import { simulate } from './world';

/** `SIM_SEED=123` shows one seed again, `SIM_SEEDS=100000` runs more. */
const ONE = process.env.SIM_SEED === undefined ? undefined : Number(process.env.SIM_SEED);
const SEEDS = Number(process.env.SIM_SEEDS ?? 500);
const LONG = 24 * 60 * 60 * 1_000;
const RUNS_TWICE = [2, 20, 21, 200];

async function sound(seed: number, evidence: Evidence): Promise<void> {
  const found = await simulate(seed);
  evidence.add(found.evidence);
  if (found.violations.length > 0) throw new Error(`${found.report()}\n${found.violations.join('\n')}`);
}

/**
 * A service on its real stores that crashes, stops, loses answers and hears late at every await, and a checker that stands outside it
 * (the promises are those of `ledger.ts`, `clients.ts` and `checker.ts`).
 */
describe('the simulated service', () => {
  it(
    'keeps what it promises, whatever crashes and gets lost',
    async () => {
      const evidence = new Evidence();
      for (let seed = ONE ?? 1; seed <= (ONE ?? SEEDS); seed += 1) await sound(seed, evidence);
      const facts = Object.entries(evidence).map(([name, count]) => `${name} ${count}`);
      process.stdout.write(`${ONE === undefined ? SEEDS : 1} seeds without a violation: ${facts.join(', ')}\n`);
      if (ONE === undefined && SEEDS >= 500)
        // A calm run proves nothing.
        for (const [what, least] of Object.entries(LEAST_A_SEED))
          expect({ what, is: evidence[what as keyof typeof LEAST_A_SEED] / SEEDS >= least }).toEqual({
            what,
            is: true,
          });
    },
    LONG,
  );

  it('does the same again for the same seed', async () => {
    for (const seed of RUNS_TWICE) {
      const [first, second] = [await simulate(seed), await simulate(seed)];
      expect(second.report()).toBe(first.report());
    }
  });
});

/** What hits a world on average, at least. */
const LEAST_A_SEED = {
  instances: 5,
  transitions: 20,
  parks: 1,
  wakes: 1,
  crashes: 1.5,
  crashesAtAwait: 0.3,
  stops: 0.4,
  failures: 1,
  lostAcks: 1,
  duplicates: 0.5,
  lateAppends: 0.03,
  repeatedCalls: 1,
  children: 2,
  queued: 0.3,
  unknownAnswers: 0.5,
  expectedResults: 3,
};
