import type { HeldRun } from './held-run';

/** A run that waits is held for so long after it was last moved: what it waits for often comes at once. */
export const LINGER_MS = 1_000;
/** What goes on so soon is not worth letting go of. */
const NEAR_MS = 5_000;

/** It has nothing to do and will not have soon. A debug run stays: whoever debugs comes back, and it goes away. */
export function canPark({ run, calls, due, events }: HeldRun, nowMs: number): boolean {
  const isBusy = calls.size + events.length + due.invokes.length + due.children.length > 0;
  if (isBusy || run.creation.debug) return false;
  const at = run.wakeAt;
  return at === null || at > nowMs + NEAR_MS;
}

/** It waits for time alone, and for long: nobody is likely to come back to it, so that it need not linger. */
export function parksAtOnce(held: HeldRun, nowMs: number): boolean {
  const { inFlight, tasks, paused } = held.run.state;
  if (paused || !canPark(held, nowMs)) return false;
  for (const path of inFlight) if (tasks.get(path)?.waitingFor?.kind !== 'timer') return false;
  return true;
}
