import type { Json } from '@flow/kernel';
import type { Compiled } from '@flow/expressions';
import type { Plan } from './plan';
import type { RunStart } from './run';
import { RunScope } from './run-scope';
import { newRun } from './snapshot';

/**
 * What a text comes to before anything runs: it reads the variables as they are declared, the trigger (also as the output of the first step) and
 * what surrounds the run. Throws what expressions throw, LargeValueClosed where it looks into a large value.
 */
export function readAtStart(plan: Plan, start: RunStart, compiled: Compiled): Json {
  const run = newRun(plan, start);
  const [trigger] = plan.steps;
  if (trigger) run.assigned.set(trigger.id, start.trigger);
  const scope = new RunScope(plan, run);
  scope.turnTo(undefined);
  return compiled.evaluate(scope);
}
