import { simulateCluster } from './cluster';
import { RULES } from './mutants';

/** Some faults need a rare moment. */
const MOST_SEEDS = 400;
const LONG = 600_000;

/** Each rule of the protocol is needed: workers that leave it out break a promise, and are found out. */
describe.each(Object.entries(RULES))('%s', (_rule, mutants) => {
  it.each(mutants)(
    'catches workers that $name',
    async (mutant) => {
      for (let { from: seed } = mutant; seed < mutant.from + MOST_SEEDS; seed += 1)
        if ((await simulateCluster(seed, { mutant })).violations.length > 0) return;
      throw new Error(`${MOST_SEEDS} seeds have shown nothing.`);
    },
    LONG,
  );
});
