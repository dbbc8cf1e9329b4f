import { concludeWith } from './outcome';
import { loopGoesOn } from './constructs/loop';
import { isOfLoop } from './evaluation';
import type { RunEvent } from './event';
import type { Folding } from './folding';
import { isOver } from './run';

/** The run goes on where it waited for the outcome. */
export function evaluated(fold: Folding, event: RunEvent & { type: 'evaluated' }): void {
  const { of } = event;
  if (of.kind === 'outputs') {
    concludeWith(fold, 'error' in event ? event : { value: event.values[0] ?? null });
    return;
  }
  const task = fold.run.tasks.get(of.path);
  if (!task || isOver(task.phase) || task.handling) return;
  fold.scope.turnTo(task);
  if (isOfLoop(of)) loopGoesOn(fold, task, of, event);
  else if ('error' in event) fold.fail(task, event.error);
  else if (of.kind === 'when') fold.decided(task, event.values[0] === true);
  else fold.perform(task, event.values);
}
