import { simulateCluster } from './cluster';
import { ClusterEvidence } from './faults';
import { SLOT_RULES } from './mutants';

/** `SIM_SEED=123` shows one seed again, `SIM_SEEDS=100000` runs more. */
const ONE = process.env.SIM_SEED === undefined ? undefined : Number(process.env.SIM_SEED);
const SEEDS = Number(process.env.SIM_SEEDS ?? 12);
/** Some faults need a rare moment. */
const MOST_SEEDS = 400;
const LONG = 24 * 60 * 60 * 1_000;

/**
 * As the cluster, but clients start DAGs of which few instances run at once. The checker counts at every durable transition how many have begun and not
 * ended; in the end nobody waits, and no ticket is left.
 */
describe('three workers that share the slots of DAGs', () => {
  it.each([
    ['and are asked themselves', false],
    ['and two processes that ask', true],
  ])(
    'keep what they promise, %s',
    async (_name, isApart) => {
      const evidence = new ClusterEvidence();
      for (let seed = ONE ?? 1; seed <= (ONE ?? SEEDS); seed += 1) {
        const found = await simulateCluster(seed, { isLimited: true, isApart });
        evidence.add(found.evidence);
        if (found.violations.length > 0) throw new Error(`${found.report()}\n${found.violations.join('\n')}`);
      }
      const { instances, queued, crashes, takeovers } = evidence;
      process.stdout.write(`${instances} instances, ${queued} waited for a slot, ${crashes} crashes\n`);
      if (ONE !== undefined) return;
      for (const count of [queued, crashes, takeovers]) expect(count).toBeGreaterThan(0);
    },
    LONG,
  );

  it.each(SLOT_RULES)(
    'and the checker catches workers that $name',
    async (mutant) => {
      for (let { from: seed } = mutant; seed < mutant.from + MOST_SEEDS; seed += 1)
        if ((await simulateCluster(seed, { mutant, isLimited: true })).violations.length > 0) return;
      throw new Error(`${MOST_SEEDS} seeds have shown nothing.`);
    },
    LONG,
  );
});
