import { withoutLarge, type InstanceId, type Json, type JsonObject } from '@flow/kernel';
import { advance, newRun, restore, statusOf, type Plan, type RunEvent, type RunState } from '@flow/engine';
import type { HistoryEvent, Task } from './instance';
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
    const fact = factOf(run, event);
    if (fact) {
      const task = 'path' in event ? run.tasks.get(event.path) : undefined;
      const place = task && event.type !== 'invoked' ? placeOf(taskView(this.id, this.plan, task)) : {};
      const { type, ...more } = fact;
      told.push({ seq, type, at, ...place, ...more });
    }
    const wasPaused = run.paused;
    advance(this.plan, run, event, (task) => {
      if (task.phase === 'running') this.stateBytes += roughBytes(task.parameters ?? null, Infinity);
      if (task.phase === 'succeeded') this.stateBytes += roughBytes(task.output ?? null, Infinity);
      // What changed about the wait was told as the event itself.
      if (
        task.phase === 'waiting' &&
        (event.type === 'decided' || event.type === 'progressed' || isOfChild(event)) &&
        task.path === event.path
      )
        return;
      const view = taskView(this.id, this.plan, task);
      const { error } = view;
      told.push({
        seq,
        type: `task.${task.phase}`,
        at,
        ...placeOf(view),
        // A further attempt begins with the error of the one before it, which was told then.
        ...(error && task.phase !== 'running' && { error: { code: error.code, message: error.message } }),
      });
    });
    if (run.paused && !wasPaused && event.type !== 'paused')
      told.push({ seq, type: 'instance.paused', at, by: run.paused.by, before: run.paused.at ?? null });
    if (run.outcome)
      told.push({
        seq,
        type: `instance.${statusOf(run)}`,
        at,
        ...(run.outcome.failure && { reason: withoutLarge({ ...run.outcome.failure }) as unknown as JsonObject }),
      });
  }
}

type Fact = { readonly type: string; readonly [field: string]: Json };

/** What an event says by itself, beside the changes that it brings; undefined when it says nothing, or comes too late to matter. */
function factOf(run: RunState, event: RunEvent): Fact | undefined {
  switch (event.type) {
    case 'started':
      return { type: event.queued ? 'instance.queued' : 'instance.started' };
    case 'begun':
      return run.queued && { type: 'instance.started' };
    case 'recovered':
      return { type: `instance.${event.type}` };
    case 'cancelled': {
      const { by, reason, compensate } = event;
      if (run.forceAt !== undefined) return undefined;
      return { type: 'instance.cancelling', by, reason, ...(compensate && { compensate }) };
    }
    case 'expired':
      return run.forceAt === undefined ? { type: 'instance.expired' } : undefined;
    case 'forced':
      return { type: 'instance.forced' };
    case 'paused':
      return run.paused || run.forceAt !== undefined ? undefined : { type: 'instance.paused', by: event.by };
    case 'resumed':
    case 'stepped':
      return run.paused && { type: `instance.${event.type}`, by: event.by };
    case 'invoked':
      return { type: 'task.invoked', path: event.path };
    case 'answered':
      return {
        type: 'task.answered',
        path: event.path,
        attempt: event.attempt,
        ...(event.by !== undefined && { by: event.by }),
      };
    case 'progressed': {
      const { path, attempt, progress } = event;
      const isTaken = run.tasks.get(path)?.phase === 'waiting' && run.tasks.get(path)?.attempt === attempt;
      return isTaken ? { type: 'task.progress', path, attempt, ...progress } : undefined;
    }
    case 'decided': {
      const { by, decision } = event;
      return { type: 'task.decided', path: event.path, by, decision };
    }
    case 'childStarted':
    case 'childEnded':
      return factOfChild(run, event);
    default:
      return undefined;
  }
}

/** A message that came again is told once. */
function factOfChild(run: RunState, event: ChildEvent): Fact | undefined {
  const { path, attempt, index } = event;
  const { waitingFor, attempt: current } = run.tasks.get(path) ?? {};
  const child = waitingFor?.kind === 'children' && current === attempt ? waitingFor.children[index] : undefined;
  if (!child || child.status || (event.type === 'childStarted' && child.id !== undefined)) return undefined;
  if (event.type === 'childStarted') return { type: 'task.child_started', index, child: event.child };
  return { type: 'task.child_ended', index, child: child.id ?? null, status: event.status };
}

type ChildEvent = RunEvent & { readonly type: 'childStarted' | 'childEnded' };

function isOfChild(event: RunEvent): event is ChildEvent {
  return event.type === 'childStarted' || event.type === 'childEnded';
}

function placeOf({ id, stepId, path, attempt }: Task): Record<string, Json> {
  return { taskId: id, stepId, path, attempt };
}

function isBehind(one: HistoryPosition, { seq, index }: HistoryPosition): boolean {
  return one.seq > seq || (one.seq === seq && one.index > index);
}
