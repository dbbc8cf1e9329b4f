import type { Command, RunEvent } from '@flow/engine';
import type { Birth } from './log-writer';
import type { LiveRun } from './live-run';
import type { CallHandle } from './operator-calls';
import type { OutboxMessage } from './outbox';
import { RunTimers } from './run-timers';
import type { Clock } from '@flow/kernel';
import type { StorageFull } from '@flow/platform';

export type Invoke = Command & { readonly kind: 'invoke' };
export type StartChild = Command & { readonly kind: 'startChild' };

/** A run that this process holds, with what is under way for it. */
export class HeldRun {
  /** Calls of operators, by path. */
  readonly calls = new Map<string, CallHandle>();
  readonly timers: RunTimers;
  /** What the engine asked for and waits for the transition that is on its way to the log. */
  due: { invokes: Invoke[]; children: StartChild[] } = { invokes: [], children: [] };
  /** Messages of the transition that is being made. */
  outbox: OutboxMessage[] = [];
  /** Inbox items that it has acted on while it is held here, and those of the transition that is being made. */
  readonly consumed = new Set<string>();
  consuming: string[] = [];
  /** Events that wait for their turn while one is being folded. */
  readonly events: RunEvent[] = [];
  folding = false;
  /** Until its first transition is durable: what refuses it when there is no space. */
  birth: (Birth & { readonly refuse: (error: StorageFull) => void }) | undefined;
  /** When the instance's own time is over, as the timer has it. */
  expiresAt: number | undefined;

  constructor(
    readonly run: LiveRun,
    clock: Clock,
  ) {
    this.timers = new RunTimers(clock);
  }
}
