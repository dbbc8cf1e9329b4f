import type { Clock, Random } from '@flow/kernel';
import type { RunEvent } from '@flow/engine';
import type { Outcome } from '@flow/operators';
import { CallQueue } from './call-queue';
import type { Heartbeat } from './heartbeat';
import type { HeldRun, Invoke } from './held-run';
import { CallHandle, GIVE_UP_AFTER_MS, type CallSite, type OperatorCalls } from './operator-calls';
import type { RunBytes } from './run-bytes';
import { Turns } from './turns';

/** Calls operators for runs, and feeds back what each call came to. */
export class RunCalls {
  private readonly queue: CallQueue;
  private readonly turns: Turns;

  constructor(
    private readonly calls: OperatorCalls,
    private readonly bytes: RunBytes,
    private readonly clock: Clock,
    private readonly random: Random,
    atOnce: number,
    private readonly news: (held: HeldRun, event: RunEvent) => void,
    private readonly isHeld: (held: HeldRun) => boolean,
    /** Where other workers could take over: nothing is called while they might have. */
    private readonly pulse?: Pick<Heartbeat, 'isFresh' | 'untilFresh'>,
  ) {
    this.queue = new CallQueue(atOnce);
    this.turns = new Turns(clock);
  }

  /** Calls of operators with an effect that are under way. */
  get underWay(): number {
    return this.queue.underWay;
  }

  /** Calls that have not begun are forgotten; nothing new begins. */
  stop(): void {
    this.queue.stop();
  }

  /** A pure operator is called in this very turn, or in a later one so that others get theirs. */
  callPure(held: HeldRun, command: Invoke, later: boolean): void {
    if (later) {
      this.turns.later(() => {
        if (this.isHeld(held)) this.callPure(held, command, false);
      });
      return;
    }
    const outcome = this.calls.callPure(siteOf(held, command));
    if (outcome instanceof Promise) void outcome.then((late) => this.news(held, this.eventOf(held, command, late)));
    else if (held.folding) held.events.push(this.eventOf(held, command, outcome));
    else this.news(held, this.eventOf(held, command, outcome));
  }

  enqueue(held: HeldRun, command: Invoke): void {
    if (command.step.effect === 'pure') this.callPure(held, command, false);
    else this.queue.push(held.run.creation.priority, held.run.creation.domain, () => this.call(held, command));
  }

  /** Tells a call to stop; one that does not within a while is abandoned. */
  abort(held: HeldRun, path: string): void {
    const handle = held.calls.get(path);
    if (!handle) {
      held.events.push({ type: 'abandoned', path, at: this.nowMs() });
      return;
    }
    handle.abort(new Error('The instance is ending.'));
    held.timers.set(abandonOf(path), this.nowMs() + GIVE_UP_AFTER_MS, () => {
      held.calls.delete(path);
      this.news(held, { type: 'abandoned', path, at: this.nowMs() });
    });
  }

  private async call(held: HeldRun, command: Invoke): Promise<void> {
    const { task } = command;
    const { attempt } = task;
    if (this.pulse && !this.pulse.isFresh) {
      await this.pulse.untilFresh();
      if (!this.isHeld(held) || task.attempt !== attempt) return;
    }
    if (task.phase !== 'running' || task.aborting || held.run.state.outcome || held.calls.has(task.path)) return;
    const handle = new CallHandle(this.pulse);
    held.calls.set(task.path, handle);
    const outcome = await this.calls.call(siteOf(held, command), handle);
    if (held.calls.get(task.path) !== handle) return;
    held.calls.delete(task.path);
    held.timers.clear(abandonOf(task.path));
    if (task.attempt === attempt) this.news(held, this.eventOf(held, command, outcome));
  }

  private eventOf({ run }: HeldRun, { task }: Invoke, outcome: Outcome): RunEvent {
    const { path, attempt } = task;
    const at = this.nowMs();
    if (outcome.kind === 'deferred') return { type: 'deferred', path, attempt, at };
    // Rendered parameters are kept and written like outputs, so they count like outputs.
    if (attempt === 1) this.bytes.grow(run, task.parameters);
    this.bytes.grow(run, outcome.kind === 'done' ? outcome.output : outcome.error.output);
    const tooLarge = this.bytes.faultOf(run);
    if (tooLarge !== undefined) {
      const error = { code: 'instance.too_large', message: tooLarge, retryable: false };
      return { type: 'failed', path, attempt, at, error, chance: 0 };
    }
    if (outcome.kind === 'done') return { type: 'succeeded', path, attempt, at, output: outcome.output };
    return { type: 'failed', path, attempt, at, error: outcome.error, chance: this.random.fraction() };
  }

  private nowMs(): number {
    return this.clock.now().getTime();
  }
}

function siteOf({ run }: HeldRun, { task, step }: Invoke): CallSite {
  const { id: instance, creation, state, plan, holdsLarge } = run;
  return { instance, creation, startedAt: state.start.at, task, step, reads: plan.reads, holdsLarge };
}

function abandonOf(path: string): string {
  return `${path} abandon`;
}
