import { MUTANTS, tryMutant } from './mutants';

/** `npm run chaos` tries them all; MUTANTS=18 does so here. */
const TRIED = Number(process.env.MUTANTS ?? 6);

/** A checker that finds nothing proves nothing: each of these builds breaks a promise, and is found out. */
describe('the checker', () => {
  it.each(MUTANTS.slice(0, TRIED))(
    'finds out a build that $name',
    async (mutant) => {
      expect((await tryMutant(mutant, 1)).violations).not.toEqual([]);
    },
    300_000,
  );
});
