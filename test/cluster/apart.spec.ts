import { simulateCluster } from './cluster';
import { ClusterEvidence } from './faults';

/** `SIM_SEED=123` shows one seed again, `SIM_SEEDS=100000` runs more. */
const ONE = process.env.SIM_SEED === undefined ? undefined : Number(process.env.SIM_SEED);
const SEEDS = Number(process.env.SIM_SEEDS ?? 20);
const LONG = 24 * 60 * 60 * 1_000;

/**
 * As the cluster, but clients ask two processes that run nothing. What those want stands in the store (births, inboxes), and whoever works hears of it by a
 * ring, by a queue that refuses, brings late, twice or never, or by its sweep.
 */
describe('three workers, and two processes that ask', () => {
  it(
    'keep what they promise',
    async () => {
      const evidence = new ClusterEvidence();
      for (let seed = ONE ?? 1; seed <= (ONE ?? SEEDS); seed += 1) {
        const found = await simulateCluster(seed, { isApart: true });
        evidence.add(found.evidence);
        if (found.violations.length > 0) throw new Error(`${found.report()}\n${found.violations.join('\n')}`);
      }
      const facts = Object.entries(evidence).map(([name, count]) => `${name} ${count}`);
      process.stdout.write(`${facts.join(', ')}\n`);
      if (ONE !== undefined) return;
      const { instances, crashes, wishes, offered, brought } = evidence;
      for (const count of [instances, crashes, wishes, offered, brought]) expect(count).toBeGreaterThan(0);
    },
    LONG,
  );
});
