import { withChange, type Change } from '../chaos/mutants';
import { FAULTS, type FaultName } from './faults';
import type { Servers } from './servers';
import { strikeAcross, type Findings } from './strikes';

/** A build that breaks a promise about triggers, and the fault under which that shows. */
export interface MutantAcross extends Change {
  readonly fault: FaultName;
}

const TRIGGERS = 'libs/triggers/src';
const LATER = 'await new Promise((resolve) => setTimeout(resolve, 4000));';
/** The fault may strike while the one process has nothing in its hands. */
const MOST_TRIALS = 3;

/** Checks that find nothing prove nothing: each of these must be found out. */
export const MUTANTS_ACROSS: readonly MutantAcross[] = [
  {
    name: 'starts a run under another id with each try of a firing',
    file: `${TRIGGERS}/firing.js`,
    find: '.update(id).digest()',
    replace: '.update(id + Math.random()).digest()',
    fault: 'killed',
  },
  {
    name: 'acknowledges calls of webhooks before they are durable',
    file: `${TRIGGERS}/hooks/hooks.service.js`,
    find: 'const [accepted] = await this.firings.accept(trigger, [',
    replace: `const own = this.ids.next();
        void (async () => { ${LATER} await this.firings.accept(trigger, [occurrence]); })().catch(() => undefined);
        if (own) return { status: 202, body: { id: own } };
        const [accepted] = await this.firings.accept(trigger, [`,
    fault: 'killed',
  },
  {
    name: 'writes offsets down before firings are durable',
    file: `${TRIGGERS}/topic-readers.js`,
    find: 'await this.intake.take(',
    replace: `void (async (...given) => { ${LATER} await this.intake.take(...given); })(`,
    fault: 'killed',
  },
  {
    name: 'takes the news of an end before its firing is durable',
    file: `${TRIGGERS}/run-end-firings.js`,
    find: 'await this.firings.accept(',
    replace: `void (async (...given) => { ${LATER} await this.firings.accept(...given); })(`,
    fault: 'killed',
  },
  {
    name: 'fires the newest alone of times that are due together',
    file: `${TRIGGERS}/scheduler.js`,
    find: '...fired\n',
    replace: '...fired.slice(-1)\n',
    fault: 'mariadbAway',
  },
];

/** @throws MutantUnfit */
export function tryMutantAcross(
  servers: Servers,
  mutant: MutantAcross,
  seed: number,
  progress: (what: string) => void,
): Promise<Findings> {
  return withChange(mutant, async (main) => {
    for (let trial = 1; ; trial += 1) {
      const found = await strikeAcross(servers, [FAULTS[mutant.fault]], { seed: seed + 1_000 * trial, main, progress });
      if (found.violations.length > 0 || trial === MOST_TRIALS) return found;
    }
  });
}
