import type { Findings } from './house';
import { SCENARIOS, jobsOf, judged, sideBySide, type Scenario } from './plan';

/** What takes Node alone; the disks and clocks of `npm run chaos` take root and two packages, so CI runs them by themselves. */
const NODE_ALONE: readonly Scenario[] = ['kill', 'write', 'stop', 'term'];
/** The small tier of `npm run chaos`. KILLS are those at random moments, besides those at writes. */
const KILLS = Number(process.env.KILLS ?? 6);
const SEED = Number(process.env.SEED ?? 1);
/** A start keeps one core busy. */
const AT_ONCE = 2;
const LONG = 900_000 + KILLS * 12_000;

describe('A service that faults strike loses nothing and does nothing twice', () => {
  const jobs = jobsOf('small', SEED, KILLS);

  it.each(NODE_ALONE.map((scenario): [string, Scenario] => [SCENARIOS[scenario], scenario]))(
    '%s',
    async (_title, scenario) => {
      const all: Findings[] = [];
      const own = jobs.filter((job) => job.scenario === scenario);
      await sideBySide(own, AT_ONCE, async ({ run }) => {
        all.push(await run(() => undefined));
      });
      expect(judged(scenario, all).violations).toEqual([]);
    },
    LONG,
  );
});
