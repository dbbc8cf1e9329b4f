import type { Plan, RunState, TaskState } from '@flow/engine';
import { expiresAt, isOver } from '@flow/engine';
import type { SlotWait } from './slots';
import type { ShownDelivery } from '@flow/deliveries';
import { hasEnded, type Instance, type InstanceStatus, type Reason } from './instance';

/** One thing that keeps an instance from its end. Times are RFC 3339. */
export interface WhyItem {
  readonly kind:
    | 'slot'
    | 'running'
    | 'retrying'
    | 'reading'
    | 'timer'
    | 'callback'
    | 'approval'
    | 'children'
    | 'paused'
    | 'recovering';
  /** A sentence for people. */
  readonly message: string;
  readonly stepId: string | null;
  readonly path: string | null;
  readonly since: string | null;
  /** When it is over at the latest. */
  readonly until: string | null;
}

export interface Why {
  readonly status: InstanceStatus;
  readonly waitingFor: readonly WhyItem[];
  readonly reason: Reason | null;
  /** How telling its end outside stands, when that was asked for. */
  readonly callback?: ShownDelivery;
}

/** A fan-out waits for a thousand things that are one. */
const MOST_ITEMS = 100;

/** What a run waits for, from its state; without one nobody holds the run yet. */
export function whyOf(
  { status, reason }: Instance,
  held: { readonly state: RunState; readonly plan: Plan } | undefined,
  now: Date,
  queued?: QueuedWhy,
): Why {
  if (hasEnded(status)) return { status, waitingFor: [], reason };
  if (!held) {
    const message = 'No worker holds this instance at the moment; one takes it over shortly.';
    return { status, waitingFor: [{ ...NOWHERE, kind: 'recovering', message }], reason };
  }
  const { state, plan } = held;
  const items: WhyItem[] = [];
  if (state.paused) {
    const { by, since, at } = state.paused;
    const where = at === undefined ? `Paused by ${by}.` : `Stopped before ${at}.`;
    items.push({ ...NOWHERE, kind: 'paused', message: `${where} Resume it to go on.`, since: iso(since) });
  }
  if (state.queued) items.push(slotItem(state, plan, queued));
  for (const of of state.evaluating.values()) {
    const message = 'Reads a large value that an expression looks into.';
    const task = of.kind === 'outputs' ? undefined : state.tasks.get(of.path);
    const stepId = (task && plan.steps[task.step]?.id) ?? null;
    if (items.length < MOST_ITEMS)
      items.push({ ...NOWHERE, kind: 'reading', message, stepId, path: task?.path ?? null });
  }
  for (const path of state.inFlight) {
    const task = state.tasks.get(path);
    if (task && !isOver(task.phase) && items.length < MOST_ITEMS) items.push(itemOf(task, plan, now));
  }
  return { status, waitingFor: items, reason };
}

/** How a queued instance stands, and which of the instances above it has a slot that it waits for. */
export type QueuedWhy = SlotWait & { readonly above: readonly string[] };

function slotItem(state: RunState, plan: Plan, queued: QueuedWhy | undefined): WhyItem {
  const over = expiresAt(plan, state);
  const place = {
    ...NOWHERE,
    kind: 'slot',
    since: iso(state.start.at),
    until: over === undefined ? null : iso(over),
  } as const;
  if (!queued) return { ...place, message: 'Waits for a slot of its DAG (concurrency).' };
  const { max, holders, ahead, above } = queued;
  const order = ahead === 0 ? 'it is next' : `${ahead} begin before it`;
  const own =
    above.length === 0
      ? ''
      : ` ${above.join(', ')} has one and waits for this instance itself: neither goes on while that is so; cancel one, or raise the limit.`;
  return {
    ...place,
    message: `Waits for a slot of its DAG (concurrency): ${max} at once, taken by ${holders.join(', ') || 'nobody'}; ${order}.${own}`,
  };
}

const NOWHERE = { stepId: null, path: null, since: null, until: null };

function itemOf(task: TaskState, plan: Plan, now: Date): WhyItem {
  const { path, wakeAt, waitingFor, attempt } = task;
  const step = plan.steps[task.step];
  const until = wakeAt === undefined ? null : iso(wakeAt);
  const place = { stepId: step?.id ?? null, path, since: iso(task.attemptStartedAt), until };
  if (task.phase === 'retrying') {
    const left = Math.max(0, Math.ceil(((wakeAt ?? now.getTime()) - now.getTime()) / 1000));
    const error = task.error ? ` after ${task.error.code}` : '';
    return { ...place, kind: 'retrying', message: `Attempt ${attempt + 1} begins in ${left} s${error}.` };
  }
  switch (waitingFor?.kind) {
    case 'timer':
      return { ...place, kind: 'timer', message: `Waits until ${iso(waitingFor.until)}.` };
    case 'callback':
      return { ...place, kind: 'callback', message: 'Waits for a call of its callback address.' };
    case 'approval': {
      const { assignees, decisions, quorum } = waitingFor;
      const waiting = assignees.filter((name) => !decisions.some(({ by }) => by === name));
      return {
        ...place,
        kind: 'approval',
        message: `Has ${decisions.length} of ${quorum} approvals; may come from ${waiting.join(', ')}.`,
      };
    }
    case 'children': {
      const { children, open } = waitingFor;
      const ids = children.flatMap(({ id, status }) => (id !== undefined && !status ? [id] : [])).slice(0, 10);
      return {
        ...place,
        kind: 'children',
        message: `Waits for ${open} of ${children.length} instances: ${ids.join(', ')}.`,
      };
    }
    case undefined: {
      const message = task.aborting
        ? 'Was told to stop and has not yet.'
        : `Attempt ${attempt} of ${step?.operator.id ?? 'its operator'} is running.`;
      return { ...place, kind: 'running', message };
    }
  }
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
