import { expiresAt, type Plan, type RunState } from '@flow/engine';

/**
 * When a run has to go on by itself, ms since 1970: 0 when it has something to do now, null when only others can move it. A run that waits
 * for nothing else is held by nobody until then.
 */
export function wakeAtOf(plan: Plan, state: RunState): number | null {
  const { inFlight, evaluating, paused, outcome, forceAt, forced } = state;
  if (outcome) return null;
  const over = expiresAt(plan, state);
  if (state.queued) return over ?? null;
  if (evaluating.size > 0 || (inFlight.size === 0 && !paused)) return 0;
  let at = Infinity;
  for (const path of inFlight) {
    const task = state.tasks.get(path);
    if (!task) continue;
    if (task.phase === 'running') return 0;
    if (task.due) {
      if (!paused) return 0;
    } else if (task.wakeAt !== undefined) at = Math.min(at, task.wakeAt);
    const { waitingFor } = task;
    if (waitingFor?.kind === 'children' && waitingFor.children.some(({ id, status }) => !id && !status)) return 0;
  }
  if (forceAt !== undefined && !forced) at = Math.min(at, forceAt);
  if (over !== undefined) at = Math.min(at, over);
  return at === Infinity ? null : at;
}
