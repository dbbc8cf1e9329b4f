import type { Json } from '@flow/kernel';
import { walkSteps } from '@flow/operators';
import { Chance } from './chance';
import type { Happening } from './happening';
import type { Definition, Model } from './model';
import type { CallError, Outside, Task } from './place';

/** A happening without its time, and how likely it is beside the others. */
interface Choice {
  readonly weight: number;
  readonly make: (at: number) => Happening;
  /** It cannot happen before that. */
  readonly from?: number;
}

/** After so many happenings nothing but what leads to the end is drawn. */
const TROUBLE = 60;
const MOST = 600;

/** Draws what happens next, of all that fits what a run shows at the moment. */
export class Driver {
  readonly past: Happening[] = [];
  private readonly callbacks: readonly string[];

  constructor(
    dag: Definition,
    private readonly chance: Chance,
    /** When a pause or a wait is over. */
    private readonly wakeAt: (path: string) => number | undefined,
  ) {
    const all = [...walkSteps(dag.steps)];
    this.callbacks = all.filter(({ step }) => step.operator === '@control/callback').map(({ step }) => step.id);
  }

  /** Undefined when the run is over, or when nothing can happen to it any more. */
  next(model: Model): Happening | undefined {
    if (model.outcome || this.past.length > MOST) return undefined;
    const calm = this.past.length > TROUBLE;
    const open = model.tasks.filter((task) => task.outside);
    const choices = [
      ...open.flatMap((task) => this.ofTask(task, calm)),
      ...(model.paused ? [plainChoice(1.5, (at) => ({ type: 'resumed', at, by: 'ann' }))] : []),
      ...(model.forceable && open.length > 0 ? [plainChoice(0.5, (at) => ({ type: 'forced', at }))] : []),
    ];
    if (choices.length === 0) return undefined;
    if (!calm) choices.push(...this.ofInstance(model), ...this.stale(model), ...this.early(model));
    const choice = this.draw(choices);
    const happening = choice.make(Math.max(model.now + this.chance.int(0, 900), choice.from ?? 0));
    this.past.push(happening);
    return happening;
  }

  private draw(choices: readonly Choice[]): Choice {
    const weights = Object.fromEntries(choices.map(({ weight }, i) => [String(i), weight]));
    return choices[Number(this.chance.weighted(weights))]!;
  }

  private ofTask(task: Task, calm: boolean): Choice[] {
    const { path, attempt, outside } = task;
    const woken = (weight: number): Choice => {
      const due = outside?.kind === 'timer' ? outside.until : this.wakeAt(path);
      const choice = plainChoice(weight, (at) => ({ type: 'woken', path, at }));
      return due === undefined ? choice : { ...choice, from: due };
    };
    switch (outside?.kind) {
      case 'call':
        return this.ofCall(task, calm);
      case 'pause':
      case 'timer':
        return [woken(3)];
      case 'callback':
        return [woken(0.3), this.answer(path, 3), this.progress(path, attempt)];
      case 'approval':
        return [woken(0.3), ...this.ofApproval(path, attempt, outside)];
      case 'children':
        return this.ofChildren(task, outside);
      case undefined:
        return [];
    }
  }

  private ofCall(task: Task, calm: boolean): Choice[] {
    const { path, attempt } = task;
    const output: Json = this.chance.is(0.3) ? task.parameters : { v: this.chance.int(0, 3) };
    const fail = (weight: number, retryable: boolean) => {
      const kept: Partial<CallError> = this.chance.is(0.2) ? { output: { status: 500 } } : {};
      const error = { code: retryable ? 'test.busy' : 'test.broken', message: 'It failed.', retryable, ...kept };
      return plainChoice(weight, (at) => ({ type: 'failed', path, attempt, at, error, chance: 0.5 }));
    };
    const succeed = plainChoice(5, (at) => ({ type: 'succeeded', path, attempt, at, output }));
    if (task.body.isAborted())
      return [succeed, fail(3, true), fail(2, false), plainChoice(4, (at) => ({ type: 'abandoned', path, at }))];
    const weight = isGuarded(task) ? 2 : 0.35;
    return calm ? [succeed] : [succeed, fail(weight, true), fail(weight, false)];
  }

  private answer(path: string, weight: number): Choice {
    const body = { v: this.chance.int(0, 3) };
    return plainChoice(weight, (at) => ({ type: 'answered', path, attempt: 1, at, body }));
  }

  private progress(path: string, attempt: number): Choice {
    const progress = this.chance.is(0.5) ? {} : { percent: this.chance.int(0, 100) };
    return plainChoice(1, (at) => ({ type: 'progressed', path, attempt, at, progress }));
  }

  private ofApproval(path: string, attempt: number, { assignees }: Outside & { kind: 'approval' }): Choice[] {
    const decide = (by: string, decision: 'approved' | 'rejected', weight: number) =>
      plainChoice(weight, (at) => ({ type: 'decided', path, attempt, at, by, decision, data: { by } }));
    return assignees.flatMap((by) => [decide(by, 'approved', 2), decide(by, 'rejected', 0.4)]);
  }

  private ofChildren({ path, attempt }: Task, { children }: Outside & { kind: 'children' }): Choice[] {
    return children.flatMap(({ id, ended }, index) => {
      const child = `child-of-${path}-${index}`;
      if (ended) return [];
      if (id === undefined) {
        const failure = { code: 'dag.not_found', message: 'It failed.', stepId: null, path: null, attempt: null };
        const about = { path, attempt, index };
        return [
          plainChoice(3, (at) => ({ ...about, type: 'childStarted', at, child })),
          plainChoice(0.2, (at) => ({ ...about, type: 'childEnded', at, status: 'failed', result: null, failure })),
        ];
      }
      const status = this.chance.pick(['succeeded', 'succeeded', 'succeeded', 'failed', 'cancelled'] as const);
      const failure =
        status === 'succeeded'
          ? null
          : { code: `child.${status}`, message: 'It failed.', stepId: 'c', path: 'c', attempt: 1 };
      const result = status === 'succeeded' ? { v: this.chance.int(0, 3) } : null;
      return [plainChoice(3, (at) => ({ type: 'childEnded', path, attempt, index, at, status, result, failure }))];
    });
  }

  private ofInstance(model: Model): Choice[] {
    const by = 'ann';
    const calls = model.tasks.filter((task) => task.outside?.kind === 'call');
    return [
      plainChoice(0.12, (at) => ({ type: 'cancelled', at, by, reason: null, compensate: this.chance.is(0.5) })),
      plainChoice(0.06, (at) => ({ type: 'expired', at })),
      ...(model.paused ? [] : [plainChoice(0.3, (at) => ({ type: 'paused', at, by }))]),
      ...(calls.length > 0 ? [plainChoice(0.3, (at) => ({ type: 'recovered', at }))] : []),
    ];
  }

  /** Told once more, and to nobody: what it is about has moved on. */
  private stale(model: Model): Choice[] {
    const old = this.past.filter((each) => {
      if (!('path' in each)) return false;
      const task = model.task(each.path);
      return each.type === 'woken' || each.type === 'abandoned' ? task?.isOver : each.type !== 'answered' || task;
    });
    if (old.length === 0) return [];
    const again = this.chance.pick(old);
    return [plainChoice(0.4, (at) => ({ ...again, at }))];
  }

  /** A call of a callback whose turn has not come. */
  private early(model: Model): Choice[] {
    if (this.callbacks.length === 0) return [];
    const id = this.chance.pick(this.callbacks);
    const bodies = model.places().filter((place) => !place.result && place.steps.some((step) => step.id === id));
    return bodies.slice(0, 1).map((place) => this.answer(place.path === '' ? id : `${place.path}/${id}`, 0.6));
  }
}

/** A failure here is taken, so that there is more to see after it. */
function isGuarded({ step, body }: Task): boolean {
  if (step.onError !== undefined && step.onError !== 'fail') return true;
  if (body.slot === 'steps' && body.owner?.step.catch) return true;
  return body.owner ? isGuarded(body.owner) : false;
}

function plainChoice(weight: number, make: (at: number) => Happening): Choice {
  return { weight, make };
}
