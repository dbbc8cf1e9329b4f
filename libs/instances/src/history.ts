import type { InstanceId } from '@flow/kernel';
import { advance, newRun, restore, statusOf, type Plan, type RunEvent, type RunState } from '@flow/engine';
import type { HistoryEvent } from './instance';
import type { Cursor, HistoryChunk } from './instance.store';
import { taskView } from './live-run';
import { roughBytes } from './rough-bytes';
import { decodeChunk } from './transition';

/** The place of an event in its instance's history: its transition, and its number within that, from 1. */
export interface HistoryPosition {
  readonly seq: number;
  readonly index: number;
}

/** Before everything. */
export const START: HistoryPosition = { seq: 0, index: 0 };

export interface ToldEvent extends HistoryPosition {
  readonly event: HistoryEvent;
}

/** Told events that are kept for readers close behind one another; the last transition is kept whole, however long it is. */
const MOST_TOLD = 2_000;
const BYTES_A_TOLD_EVENT = 300;

/**
 * Tells a run's history as people read it: every change of a task and of the instance, by folding its events again. A teller stands
 * at one transition and goes on from there; what it told last can be read again.
 */
export class HistoryTeller {
  private run: RunState | undefined;
  private told: ToldEvent[] = [];
  private stateBytes: number;
  /** Transitions up to this one were told before the first event that is still kept. */
  private forgotten: number;
  /** The last transition that was told. */
  seq: number;

  /** Begins behind the snapshot, or at the very start without one. Throws for a snapshot that this build does not read. */
  constructor(
    readonly id: InstanceId,
    private readonly plan: Plan,
    from: Cursor | null,
  ) {
    this.run = from ? restore(plan, from.state, from.schema) : undefined;
    this.stateBytes = from?.state.length ?? 0;
    this.seq = from?.seq ?? 0;
    this.forgotten = this.seq;
  }

  /** About how much memory it holds. */
  get bytes(): number {
    return this.stateBytes + this.told.length * BYTES_A_TOLD_EVENT;
  }

  /** Whether every event behind the position was kept or is still to be told, and the one at the position too. */
  reaches(position: HistoryPosition): boolean {
    return this.forgotten < position.seq || this.forgotten === 0;
  }

  /** How far it has forgotten: of two tellers that reach a position the later one has less to do. */
  get since(): number {
    return this.forgotten;
  }

  has({ seq, index }: HistoryPosition): boolean {
    return this.told.some((one) => one.seq === seq && one.index === index);
  }

  /** Kept events behind the position, in order, so many at most. */
  behind(position: HistoryPosition, limit: number): readonly ToldEvent[] {
    const first = this.told.findIndex((one) => isBehind(one, position));
    return first < 0 ? [] : this.told.slice(first, first + limit);
  }

  /** Whether so many events behind the position were told. */
  hasBehind(position: HistoryPosition, count: number): boolean {
    const nth = this.told.at(-count);
    return nth !== undefined && isBehind(nth, position);
  }

  /** Tells the chunk's transitions one by one until `isEnough`; forgets what lies before `needed`. */
  tell(chunk: HistoryChunk, needed: HistoryPosition, isEnough: () => boolean): void {
    const transitions = decodeChunk(chunk.events);
    for (const [i, events] of transitions.entries()) {
      const seq = chunk.fromSeq + i;
      // Chunks may overlap after a take-over.
      if (seq <= this.seq) continue;
      if (isEnough()) return;
      this.tellTransition(seq, events);
      this.forget(Math.min(needed.seq, seq));
    }
  }

  private tellTransition(seq: number, events: readonly RunEvent[]): void {
    const changes: HistoryEvent[] = [];
    for (const event of events) {
      if (event.type === 'started') {
        this.run ??= newRun(this.plan, event);
        this.stateBytes += roughBytes(event.input, Infinity);
      }
      if (this.run && !this.run.outcome) this.tellEvent(changes, seq, this.run, event);
    }
    for (const [i, event] of changes.entries()) this.told.push({ seq, index: i + 1, event });
    this.seq = seq;
  }

  private forget(beforeSeq: number): void {
    if (this.told.length <= MOST_TOLD) return;
    let first = 0;
    while (this.told.length - first > MOST_TOLD) {
      const { seq } = this.told[first] as ToldEvent;
      if (seq >= beforeSeq) break;
      while (this.told[first]?.seq === seq) first += 1;
      this.forgotten = seq;
    }
    this.told.splice(0, first);
  }

  private tellEvent(told: HistoryEvent[], seq: number, run: RunState, event: RunEvent): void {
    const at = new Date(event.at).toISOString();
    if (event.type === 'started') told.push({ seq, type: 'instance.started', at });
    if (event.type === 'recovered') told.push({ seq, type: 'instance.recovered', at });
    if (event.type === 'cancelled')
      told.push({ seq, type: 'instance.cancelling', at, by: event.by, reason: event.reason });
    if (event.type === 'paused' || event.type === 'resumed')
      told.push({ seq, type: `instance.${event.type}`, at, by: event.by });
    if (event.type === 'invoked') told.push({ seq, type: 'task.invoked', at, path: event.path });
    advance(this.plan, run, event, (task) => {
      if (task.phase === 'running') this.stateBytes += roughBytes(task.parameters ?? null, Infinity);
      if (task.phase === 'succeeded') this.stateBytes += roughBytes(task.output ?? null, Infinity);
      const { id: taskId, stepId, path, attempt, error } = taskView(this.id, this.plan, task);
      told.push({
        seq,
        type: `task.${task.phase}`,
        at,
        taskId,
        stepId,
        path,
        attempt,
        // A further attempt begins with the error of the one before it, which was told then.
        ...(error && task.phase !== 'running' && { error: { code: error.code, message: error.message } }),
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
}

function isBehind(one: HistoryPosition, { seq, index }: HistoryPosition): boolean {
  return one.seq > seq || (one.seq === seq && one.index > index);
}
