import { MUTANTS, tryMutant } from './mutants';

/** A checker that finds nothing proves nothing: each of these builds breaks a promise, and is found out. */
describe('the checker', () => {
  it.each(MUTANTS)(
    'finds out a build that $name',
    async (mutant) => {
      expect((await tryMutant(mutant, 1)).violations).not.toEqual([]);
    },
    300_000,
  );
});
