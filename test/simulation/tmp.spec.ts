import { MUTANTS } from './mutants';
import { simulate } from './world';
it('finds', async () => {
  for (const mutant of MUTANTS.filter(({ name }) => name.includes('slot'))) {
    for (let seed = 3; seed < 1500; seed += 3) {
      const found = await simulate(seed, mutant);
      if (found.violations.length > 0) { process.stdout.write(`${mutant.name}: ${seed} ${found.violations[0]?.slice(0, 120)}\n`); break; }
    }
  }
}, 1e9);
