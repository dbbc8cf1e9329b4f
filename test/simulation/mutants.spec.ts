import { MUTANTS } from './mutants';
import { simulate } from './world';

/** Some faults need a rare moment. */
const MOST_SEEDS = 1_000;
const LONG = 600_000;

/** A checker that finds nothing proves nothing: each of these services breaks a promise, and is found out. */
describe('the checker', () => {
  it.each(MUTANTS)(
    'catches a service that $name',
    async (mutant) => {
      for (let { from: seed } = mutant; seed < mutant.from + MOST_SEEDS; seed += 1)
        if ((await simulate(seed, mutant)).violations.length > 0) return;
      throw new Error(`${MOST_SEEDS} seeds have shown nothing.`);
    },
    LONG,
  );
});
