import { textWithLarge, withoutLarge, type InstanceId, type Json, type WorkerId } from '@flow/kernel';
import {
  SNAPSHOT_SCHEMA,
  begunAt,
  snapshot,
  statusOf,
  type Plan,
  type RunEvent,
  type RunState,
  type TaskState,
  type WaitingFor,
} from '@flow/engine';
import { taskIdOf, type Instance, type Task, type TaskStatus } from './instance';
import type { TransitionRows } from './projector';
import { everyLargeIn } from './large-values';
import { roughBytes } from './rough-bytes';
import type { Creation } from './creation';
import { debugView } from './debug-run';
import { NOT_BEGUN, eventsOf, factsBetween, lifeOf, type InstanceFact, type LifeStage } from './instance-events';
import { outboxItems, type OutboxMessage } from './outbox';
import { encodeTransition } from './transition';
import { wakeAtOf } from './wake-at';

/** A cursor is written this often, so that taking over a long run need not read its whole history. */
const TRANSITIONS_A_CURSOR = 64;
/** Records are to stay under 4 MiB: a step more may come on top of this. */
const HEAVY_STROKE = 2 * 1024 * 1024;

/** A run that this process holds: its state, and what has happened since its last transition. */
export class LiveRun {
  /** Events folded into the state and not yet handed to the log. */
  private pending: RunEvent[] = [];
  private readonly changed = new Set<TaskState>();
  /** Bytes of the tasks' inputs and outputs so far, without what lies in the blob store. */
  bytes: number;
  /** `bytes` at the last transition. */
  private bytesWritten = 0;
  /** Bytes that the run has in the blob store, by their hashes. */
  private readonly stored = new Map<string, number>();
  /** How it stood when `facts` was last asked. */
  private told: LifeStage;

  constructor(
    readonly id: InstanceId,
    readonly creation: Creation,
    readonly plan: Plan,
    readonly state: RunState,
    readonly owner: WorkerId,
    readonly epoch: number,
    private seq: number,
  ) {
    this.bytes = this.weigh(state.start.input);
    for (const { parameters = null, output = null } of state.tasks.values())
      this.bytes += this.weigh(parameters) + this.weigh(output);
    for (const value of state.assigned.values()) this.weigh(value);
    this.weigh(state.vars);
    if (state.start.adopted) this.weigh(state.start.adopted as unknown as Json);
    this.bytesWritten = this.bytes;
    this.told = seq === 0 ? NOT_BEGUN : lifeOf(state);
  }

  note(event: RunEvent): void {
    this.pending.push(event);
    if (event.type === 'childEnded') this.weigh(event.result);
    if (event.type === 'evaluated' && 'values' in event) for (const value of event.values) this.weigh(value);
  }

  /** Bytes that a value takes as JSON, near enough; what of it lies in the blob store is noted. */
  weigh(value: Json, limit = Infinity): number {
    return roughBytes(value, limit, (large) => {
      for (const { sha256, bytes } of everyLargeIn(large as unknown as Json)) this.stored.set(sha256, bytes);
    });
  }

  /** What has happened since the last transition is as much as one record should take: the rest goes into the next one. */
  get isHeavy(): boolean {
    return this.bytes - this.bytesWritten > HEAVY_STROKE;
  }

  /** Large values may stand anywhere in the state. */
  get holdsLarge(): boolean {
    return this.stored.size > 0;
  }

  get storedBytes(): number {
    let sum = 0;
    for (const bytes of this.stored.values()) sum += bytes;
    return sum;
  }

  readonly touch = (task: TaskState): void => {
    this.changed.add(task);
  };

  /** Its first transition is still to come. */
  get isNew(): boolean {
    return this.seq === 0;
  }

  get hasNews(): boolean {
    return this.pending.length > 0;
  }

  /** What has become of its life since this was last asked, or since its rows: part of the transition that is made now. Debug runs are nobody's news. */
  facts(): readonly InstanceFact[] {
    if (this.creation.debug) return [];
    const before = this.told;
    this.told = lifeOf(this.state);
    return factsBetween(before, this.told, this.state, this.pending.at(-1)?.at ?? this.state.start.at);
  }

  /** Closes the stroke: the transition's text for the log, and its rows for the projection behind it. */
  takeTransition(
    options: {
      readonly park?: boolean;
      readonly outbox?: readonly OutboxMessage[];
      readonly told?: readonly InstanceFact[];
      readonly consumed?: readonly string[];
    } = {},
  ): {
    readonly text: string;
    readonly rows: TransitionRows;
  } {
    this.seq += 1;
    const eventsText = textWithLarge(this.pending);
    const { id, epoch, seq, creation } = this;
    const { outbox = [], told = [], consumed = [] } = options;
    const text = encodeTransition(
      {
        id,
        epoch,
        seq,
        ...(seq === 1 && { create: creation }),
        ...(options.park && { parked: true }),
        outbox,
        told,
        consumed,
      },
      eventsText,
    );
    const instance = this.view;
    const isParked = options.park === true && !this.state.outcome;
    const keepsCursor = !this.state.outcome && (isParked || seq % TRANSITIONS_A_CURSOR === 0);
    const rows: TransitionRows = {
      header: {
        instance,
        owner: this.state.outcome || isParked ? null : this.owner,
        epoch,
        seq,
        wakeAt: isParked ? this.wakeAt : null,
      },
      ...(keepsCursor && { cursor: { seq, schema: SNAPSHOT_SCHEMA, state: snapshot(this.state) } }),
      tasks: [...this.changed].map((task) => this.row(taskView(this.id, this.plan, task))),
      outbox: outboxItems(id, seq, outbox),
      ...(told.length > 0 && { told: eventsOf(instance, seq, told) }),
      ...(consumed.length > 0 && { consumed }),
      eventsText,
    };
    this.pending = [];
    this.bytesWritten = this.bytes;
    this.changed.clear();
    return { text, rows };
  }

  /** See `wakeAtOf`. Whoever debugs comes back soon: a start takes such a run up at once. */
  get wakeAt(): number | null {
    return this.creation.debug ? 0 : wakeAtOf(this.plan, this.state);
  }

  get view(): Instance {
    return this.row(instanceView(this.id, this.creation, this.plan, this.state));
  }

  /** Rows hold no large values: those stand beside them. */
  private row<T extends object>(row: T): T {
    return this.holdsLarge ? withoutLarge(row) : row;
  }
}

const iso = (ms: number | undefined): string | null => (ms === undefined ? null : new Date(ms).toISOString());

export function instanceView(id: InstanceId, creation: Creation, plan: Plan, run: RunState): Instance {
  const { domain, dagId, version, priority, labels, trigger, createdBy, attempt, retryOf, rootId, parent, debug } =
    creation;
  const { callbackUrl, traceparent, slot, chain, firing } = creation;
  return {
    id,
    domain,
    dagId,
    version,
    status: statusOf(run),
    priority,
    labels,
    trigger,
    input: run.start.input,
    result: run.outcome?.result ?? null,
    reason: run.outcome?.failure ?? null,
    progress: { total: plan.steps.length, done: Math.min(run.done, plan.steps.length) },
    attempt,
    retryOf,
    rootId,
    parentId: parent?.id ?? null,
    ...(parent && { parent, depth: creation.depth }),
    ...(chain !== undefined && { chain }),
    ...(firing !== undefined && { firing }),
    ...(callbackUrl !== undefined && { callbackUrl }),
    ...(traceparent !== undefined && { traceparent }),
    ...(slot !== undefined && { slot: { key: slot, queued: run.queued === true } }),
    ...(debug && { debug: debugView(debug, plan, run) }),
    createdBy,
    createdAt: new Date(run.start.at).toISOString(),
    startedAt: iso(begunAt(run)),
    endedAt: iso(run.outcome?.at),
  };
}

export function taskView(id: InstanceId, plan: Plan, task: TaskState): Task {
  const step = plan.steps[task.step];
  return {
    id: taskIdOf(id, task.order),
    stepId: step?.id ?? '',
    path: task.path,
    title: step?.title ?? null,
    operator: step?.operator.id ?? '',
    status: task.phase satisfies TaskStatus,
    ...(task.adopted && { adopted: true as const }),
    attempt: task.attempt,
    input: task.parameters ?? null,
    output: (task.phase === 'succeeded' ? task.output : undefined) ?? null,
    error: errorView(task),
    ...(task.waitingFor && { waitingFor: waitView(task.waitingFor, task.wakeAt) }),
    startedAt: task.phase === 'skipped' ? null : new Date(task.startedAt).toISOString(),
    endedAt: iso(task.endedAt),
  };
}

function errorView({ phase, error, handled }: TaskState): Task['error'] {
  if (!error || phase === 'succeeded') return null;
  const output: { output?: Json } = error.output === undefined ? {} : { output: error.output };
  return { code: error.code, message: error.message, ...(handled && { handled }), ...output };
}

function waitView(wait: WaitingFor, wakeAt: number | undefined): NonNullable<Task['waitingFor']> {
  const until = iso(wakeAt);
  switch (wait.kind) {
    case 'timer':
      return { kind: wait.kind, until };
    case 'callback': {
      const { seenAt, progress } = wait;
      return {
        kind: 'callback',
        until,
        ...(seenAt !== undefined && { seenAt: new Date(seenAt).toISOString() }),
        ...(progress && { progress: { ...progress, at: new Date(progress.at).toISOString() } }),
      };
    }
    case 'approval': {
      const { assignees, quorum, schema, decisions } = wait;
      return { kind: 'approval', until, assignees, quorum, schema, decisions: [...decisions] };
    }
    case 'children': {
      const { children, open } = wait;
      return { kind: 'children', until, total: children.length, open, first: children[0]?.id ?? null };
    }
  }
}
