import type { InstanceId } from '@flow/kernel';
import { advance, newRun, statusOf, type Plan, type RunEvent, type RunState } from '@flow/engine';
import type { HistoryEvent } from './instance';
import type { HistoryChunk } from './instance.store';
import { taskView } from './live-run';
import { decodeChunk } from './transition';

/** Tells a run's history as people read it: every change of a task and of the instance, by folding its events again. */
export function tellHistory(id: InstanceId, plan: Plan, chunks: readonly HistoryChunk[]): HistoryEvent[] {
  const told: HistoryEvent[] = [];
  let run: RunState | undefined;
  let seq = 0;
  for (const chunk of chunks) {
    decodeChunk(chunk.events).forEach((events, i) => {
      // Chunks may overlap after a take-over.
      if (chunk.fromSeq + i <= seq) return;
      seq = chunk.fromSeq + i;
      for (const event of events) {
        if (event.type === 'started') run ??= newRun(plan, event);
        if (run) tellEvent(told, seq, id, plan, run, event);
      }
    });
  }
  return told;
}

function tellEvent(
  told: HistoryEvent[],
  seq: number,
  id: InstanceId,
  plan: Plan,
  run: RunState,
  event: RunEvent,
): void {
  const at = new Date(event.at).toISOString();
  if (event.type === 'started') told.push({ seq, type: 'instance.started', at });
  if (event.type === 'recovered') told.push({ seq, type: 'instance.recovered', at });
  if (event.type === 'cancelled')
    told.push({ seq, type: 'instance.cancelling', at, by: event.by, reason: event.reason });
  if (event.type === 'invoked') told.push({ seq, type: 'task.invoked', at, path: event.path });
  advance(plan, run, event, (task) => {
    const { id: taskId, stepId, path, attempt, error } = taskView(id, plan, task);
    told.push({
      seq,
      type: `task.${task.phase}`,
      at,
      taskId,
      stepId,
      path,
      attempt,
      ...(error && { error: { code: error.code, message: error.message } }),
    });
  });
  if (run.outcome)
    told.push({
      seq,
      type: `instance.${statusOf(run)}`,
      at,
      ...(run.outcome.failure && { reason: { ...run.outcome.failure } }),
    });
}
