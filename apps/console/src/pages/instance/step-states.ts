import { isOver, type TaskStatus, type Track } from './run-model';

export interface StepState {
  readonly status: TaskStatus;
  readonly note?: string;
}

const GRAVEST: readonly TaskStatus[] = [
  'running',
  'retrying',
  'waiting',
  'pending',
  'failed',
  'cancelled',
  'succeeded',
  'skipped',
];

/** How each step stands, by its id: of one that was carried out several times what goes on, else the worst, and how many are over. */
export function stepStates(tracks: Iterable<Track>): ReadonlyMap<string, StepState> {
  const byStep = new Map<string, { status: TaskStatus; total: number; over: number }>();
  for (const { stepId, status } of tracks) {
    const one = byStep.get(stepId) ?? { status, total: 0, over: 0 };
    one.total += 1;
    if (isOver(status)) one.over += 1;
    if (GRAVEST.indexOf(status) < GRAVEST.indexOf(one.status)) one.status = status;
    byStep.set(stepId, one);
  }
  const states = new Map<string, StepState>();
  for (const [stepId, { status, total, over }] of byStep)
    states.set(stepId, total > 1 ? { status, note: `${over}/${total}` } : { status });
  return states;
}
