import type { Clock } from '@flow/kernel';
import type { Firing } from './firing';
import type { Firings } from './firings';
import { scheduleOfTrigger } from './kinds/cron';
import { jitterMs } from './schedule-jitter';
import { missedRuns, type SkippedTimes } from './schedule-missed';
import { nextAfter } from './schedule-times';
import { scheduledEvent } from './trigger-event';
import type { Trigger } from './trigger';
import type { Advance, TriggerStore } from './trigger.store';

/** Decided in one turn of the event loop, and in one write: others come to their turn between. */
const DUE_AT_ONCE = 100;
/** Other processes change schedules: when the next one is due is asked so often. */
const LOOK_MS = { shared: 1_000, alone: 60_000 };
const RETRY_MS = 1_000;

/**
 * Decides of the times of schedules. What is due stands in the rows: a time is decided by whoever moves its trigger on, in the same write as its firing, so that
 * any number of processes fire it once and none is passed over. Nothing is kept in memory but when to look again.
 */
export class Scheduler {
  private cancelLook: (() => void) | undefined;
  private looking: Promise<void> | undefined;
  private isWanted = false;
  private isStopped = true;

  constructor(
    private readonly triggers: TriggerStore,
    private readonly firings: Firings,
    private readonly clock: Clock,
    private readonly isShared: boolean,
    private readonly onFault: (error: unknown) => void,
  ) {}

  start(): void {
    this.isStopped = false;
    this.wake();
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    this.cancelLook?.();
    await this.looking;
  }

  /** A schedule is new or another. */
  wake(): void {
    if (this.isStopped) return;
    this.isWanted = true;
    this.looking ??= this.look().finally(() => {
      this.looking = undefined;
      // Somebody may have come between its last look and now.
      if (this.isWanted) this.wake();
    });
  }

  /** Never rejects. */
  private async look(): Promise<void> {
    let pauseMs = 0;
    while (this.isWanted && !this.hasStopped()) {
      this.isWanted = false;
      try {
        while (!this.hasStopped() && (await this.decideDue()))
          await new Promise<void>((resolve) => setImmediate(resolve));
        const next = await this.triggers.nextDue();
        pauseMs = Math.min(
          next ? Math.max(0, next.getTime() - this.clock.now().getTime()) : Infinity,
          this.isShared ? LOOK_MS.shared : LOOK_MS.alone,
        );
      } catch (error) {
        this.onFault(error);
        pauseMs = RETRY_MS;
      }
    }
    if (this.hasStopped()) return;
    this.cancelLook?.();
    this.cancelLook = this.clock.after(pauseMs, () => this.wake());
  }

  private hasStopped(): boolean {
    return this.isStopped;
  }

  /** Whether there may be more. */
  private async decideDue(): Promise<boolean> {
    const now = this.clock.now();
    const due = await this.triggers.due(now, DUE_AT_ONCE);
    if (due.length === 0) return false;
    const byId = new Map(due.map((trigger) => [trigger.id, trigger]));
    await this.firings.advance(
      byId,
      due.map((trigger) => this.move(trigger, now)),
    );
    return due.length === DUE_AT_ONCE;
  }

  private move(trigger: Trigger, now: Date): Advance {
    const schedule = scheduleOfTrigger(trigger);
    // The time that stands there is not decided yet: all up to the moment before it is.
    const decided = new Date((trigger.nextFireAt ?? now).getTime() - 1);
    const { fire, skipped, decidedTo } = missedRuns(schedule, decided, now);
    const passed = skipped.map((times) => this.skippedTimes(trigger, times));
    const fired = fire.map((at) =>
      this.firings.decide(trigger, {
        key: at.toISOString(),
        cause: 'schedule',
        at,
        event: scheduledEvent(trigger, at),
        dueAt: new Date(at.getTime() + jitterMs(schedule, trigger.id, at)),
      }),
    );
    return { trigger, nextFireAt: nextAfter(schedule, decidedTo) ?? null, firings: [...passed, ...fired] };
  }

  /** Times that follow one another and are skipped for one reason stand in the history once. */
  private skippedTimes(trigger: Trigger, { reason, first, last, count, more }: SkippedTimes): Firing {
    const many = count === 1 ? '' : ` (${more ? 'more than ' : ''}${count} times, to ${last.toISOString()})`;
    return this.firings.decide(trigger, {
      key: `${reason} ${first.toISOString()}`,
      cause: 'schedule',
      at: first,
      event: { ...scheduledEvent(trigger, first), skipped: { count, more, last: last.toISOString() } },
      skipped: { code: reason, message: `${MISSED[reason]}${many}.` },
    });
  }
}

const MISSED: Readonly<Record<SkippedTimes['reason'], string>> = {
  'missed.policy_none': 'It was missed, and missed times are not made up for',
  'missed.not_latest': 'It was missed, and only the latest time is made up for',
  'missed.window_passed': 'It was missed for longer than missed.window',
};
