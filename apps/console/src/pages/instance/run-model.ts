import type { ItemOf } from '@flow/client';

export type RunEvent = ItemOf<'GET /instances/{id}/events'>;

export const TASK_STATUSES = [
  'pending',
  'running',
  'retrying',
  'waiting',
  'succeeded',
  'failed',
  'skipped',
  'cancelled',
] as const;
export type TaskStatus = (typeof TASK_STATUSES)[number];

const OVER: ReadonlySet<string> = new Set(['succeeded', 'failed', 'skipped', 'cancelled']);

export function isOver(status: TaskStatus): boolean {
  return OVER.has(status);
}

/** A stretch of a task's time: at work, waiting for something outside, or before its next attempt. */
export interface Segment {
  readonly kind: 'running' | 'waiting' | 'retrying';
  readonly attempt: number;
  readonly fromMs: number;
  /** Open while it goes on. */
  readonly toMs: number | undefined;
}

/** A task as its events tell it. */
export interface Track {
  readonly id: string;
  readonly path: string;
  readonly stepId: string;
  readonly status: TaskStatus;
  readonly attempt: number;
  readonly fromMs: number;
  readonly toMs: number | undefined;
  readonly segments: readonly Segment[];
  readonly error: { readonly code?: string; readonly message?: string } | undefined;
}

/** So many events are kept to be shown; of older ones their number. */
export const MOST_EVENTS = 5_000;

/**
 * A run put together from its events in their order: what each task did and when, and the last events themselves. It grows in place;
 * `revision` says when something has changed.
 */
export class RunModel {
  revision = 0;
  readonly tracks = new Map<string, Track>();
  events: RunEvent[] = [];
  /** Events that are no longer kept. */
  leftOut = 0;
  queuedMs: number | undefined;
  startedMs: number | undefined;
  endedMs: number | undefined;

  take(events: readonly RunEvent[]): void {
    for (const event of events) this.takeOne(event);
    this.events.push(...events);
    if (this.events.length > MOST_EVENTS * 1.2) {
      this.leftOut += this.events.length - MOST_EVENTS;
      this.events = this.events.slice(-MOST_EVENTS);
    }
    this.revision += 1;
  }

  clear(): void {
    this.tracks.clear();
    this.events = [];
    this.leftOut = 0;
    this.queuedMs = this.startedMs = this.endedMs = undefined;
    this.revision += 1;
  }

  private takeOne(event: RunEvent): void {
    const atMs = Date.parse(event.at);
    const [noun, fact] = event.type.split('.');
    if (noun === 'task') {
      const status = TASK_STATUSES.find((one) => one === fact);
      if (status && event.path !== undefined && event.taskId !== undefined)
        this.tracks.set(event.path, trackAfter(this.tracks.get(event.path), event, event.path, status, atMs));
    } else if (fact === 'queued') this.queuedMs = atMs;
    else if (fact === 'started') this.startedMs ??= atMs;
    else if (fact !== undefined && OVER.has(fact)) this.endedMs = atMs;
  }
}

function trackAfter(before: Track | undefined, event: RunEvent, path: string, status: TaskStatus, atMs: number): Track {
  const { taskId = '', stepId = '', attempt = 1, error } = event;
  const kind = status === 'running' || status === 'waiting' || status === 'retrying' ? status : undefined;
  const segments = (before?.segments ?? []).map((one) => (one.toMs === undefined ? { ...one, toMs: atMs } : one));
  if (kind) segments.push({ kind, attempt, fromMs: atMs, toMs: undefined });
  return {
    id: taskId,
    path,
    stepId,
    status,
    attempt,
    fromMs: before?.fromMs ?? atMs,
    toMs: isOver(status) ? atMs : undefined,
    segments,
    error: error ?? (status === 'running' ? undefined : before?.error),
  };
}

/** How much of a track's time was work, and how much was waiting. */
export function timesOf(track: Track, nowMs: number): { readonly runningMs: number; readonly waitingMs: number } {
  let [runningMs, waitingMs] = [0, 0];
  for (const { kind, fromMs, toMs } of track.segments) {
    const ms = Math.max(0, (toMs ?? nowMs) - fromMs);
    if (kind === 'running') runningMs += ms;
    else waitingMs += ms;
  }
  return { runningMs, waitingMs };
}
