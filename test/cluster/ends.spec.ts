import type { Runs } from '@flow/instances';
import { simulateCluster } from './cluster';
import { ClusterEvidence } from './faults';
import { SOUND, type Mutant } from './mutants';

/** `SIM_SEED=123` shows one seed again, `SIM_SEEDS=100000` runs more. */
const ONE = process.env.SIM_SEED === undefined ? undefined : Number(process.env.SIM_SEED);
const SEEDS = Number(process.env.SIM_SEEDS ?? 100);
/** Have shown a fault once: 119 a run that was taken up by a resume before the pause that waited for it, and so stayed paused. */
const FOUND = [119];
const LONG = 24 * 60 * 60 * 1_000;
const MOST_SEEDS = 100;

const relayOf = (runs: Runs) => runs['relay'];

const BROKEN: readonly Mutant[] = [
  {
    ...SOUND,
    name: 'forget a message that was not taken at once',
    graft: (runs) => {
      const relay = relayOf(runs);
      const deliver = relay['deliver'];
      Object.assign(relay, { deliver: (item: Parameters<typeof deliver>[0]) => deliver(item).catch(() => undefined) });
    },
  },
  {
    ...SOUND,
    name: 'write no end when they go on with what another has begun',
    graft: ({ runner }) => {
      const { adopt } = runner;
      runner.adopt = (run, died) => {
        runner.listener = undefined;
        return adopt.call(runner, run, died);
      };
    },
  },
];

/** Three workers over one store, as in cluster.spec, and somebody who hangs on the ends of their runs. */
describe('whoever hangs on the ends of runs', () => {
  it(
    'hears of each, once in effect, whoever carried it out',
    async () => {
      const evidence = new ClusterEvidence();
      const seeds = ONE === undefined ? [...Array.from({ length: SEEDS }, (_, i) => i + 1), ...FOUND] : [ONE];
      for (const seed of seeds) {
        const found = await simulateCluster(seed, { listens: true });
        evidence.add(found.evidence);
        if (found.violations.length > 0) throw new Error(`${found.report()}\n${found.violations.join('\n')}`);
      }
      process.stdout.write(`${evidence.endsTold} ends told, ${evidence.endsRepeated} of them more than once\n`);
      if (ONE === undefined) expect(Math.min(evidence.endsTold, evidence.endsRepeated)).toBeGreaterThan(0);
    },
    LONG,
  );

  it.each(BROKEN)(
    'would miss what workers do not tell that $name',
    async (mutant) => {
      for (let seed = 1; seed <= MOST_SEEDS; seed += 1)
        if ((await simulateCluster(seed, { mutant, listens: true })).violations.length > 0) return;
      throw new Error(`${MOST_SEEDS} seeds have shown nothing.`);
    },
    LONG,
  );
});
