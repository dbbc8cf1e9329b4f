import type { Plan, RunState, TaskState } from '@flow/engine';
import { expiresAt, isOver } from '@flow/engine';
import type { AppError } from '@flow/kernel';
import type { SlotWait } from './slot-wait';
import type { ShownDelivery } from '@flow/deliveries';
import { hasEnded, type Instance, type InstanceStatus, type Reason } from './instance';

export const WHY_KINDS = [
  'queued', // nobody has begun with it yet
  'slot', // others have the slots of its DAG
  'running',
  'starting', // a call that has not begun: what led to it is on its way to the log, or other calls come first
  'retrying',
  'reading',
  'timer',
  'callback',
  'approval',
  'children',
  'paused',
  'recovering', // whoever held it does not go on with it; it is taken over
  'writing', // the log takes nothing at the moment
  'unusable', // this build cannot go on with it
] as const;

/** One thing that keeps an instance from its end. Times are RFC 3339. */
export interface WhyItem {
  readonly kind: (typeof WHY_KINDS)[number];
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

/** What is known of a live run besides its row. */
export interface Whereabouts {
  /** Its state, as this process holds it or as its rows have it; undefined when a worker has it that does not go on. */
  readonly view?: { readonly state: RunState; readonly plan: Plan };
  /** Paths of calls under way, when it is held here. */
  readonly calls?: { has(path: string): boolean };
  readonly isNew?: boolean;
  readonly unusable?: AppError;
  readonly writeFault?: Error | undefined;
}

/** What a run waits for: never nothing while it has not ended. */
export function whyOf({ status, reason }: Instance, where: Whereabouts, now: Date, queued?: QueuedWhy): Why {
  if (hasEnded(status)) return { status, waitingFor: [], reason };
  const { view, writeFault } = where;
  const items: WhyItem[] = [];
  if (writeFault)
    items.push({
      ...NOWHERE,
      kind: 'writing',
      message: `The service cannot write at the moment: ${writeFault.message}`,
    });
  if (view) items.push(...itemsOf(view, where.calls, now, queued));
  if (items.length === 0) items.push({ ...NOWHERE, ...outsideOf(where) });
  return { status, waitingFor: items, reason };
}

function outsideOf({ view, isNew, unusable }: Whereabouts): Pick<WhyItem, 'kind' | 'message'> {
  if (unusable)
    return { kind: 'unusable', message: `This build cannot go on with it (${unusable.code}): ${unusable.message}` };
  if (isNew) return { kind: 'queued', message: 'No worker has begun with it yet; one does shortly.' };
  if (view) return { kind: 'starting', message: 'Its next step is on its way to the log.' };
  return {
    kind: 'recovering',
    message: 'No worker holds this instance at the moment; one takes it over shortly.',
  };
}

function itemsOf(
  { state, plan }: NonNullable<Whereabouts['view']>,
  calls: Whereabouts['calls'],
  now: Date,
  queued: QueuedWhy | undefined,
): WhyItem[] {
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
    if (task && !isOver(task.phase) && items.length < MOST_ITEMS) items.push(itemOf(task, plan, calls, now));
  }
  return items;
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

function itemOf(task: TaskState, plan: Plan, calls: Whereabouts['calls'], now: Date): WhyItem {
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
      if (calls && step?.kind === 'action' && step.effect !== 'pure' && !task.handling && !calls.has(path)) {
        const message = `Attempt ${attempt} of ${step.operator.id} has not begun: other calls come first, or what led to it is on its way to the log.`;
        return { ...place, kind: 'starting', message };
      }
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
