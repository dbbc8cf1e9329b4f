import type { Plan, RunState } from '@flow/engine';
import { AppError, type InstanceId } from '@flow/kernel';
import { hasEnded } from './instance';
import type { InstanceHeader, InstanceStore } from './instance.store';
import type { PlanCache } from './plan-cache';
import { foldStored } from './rebuilt-run';
import type { Runner } from './runner';

export interface RunView {
  readonly state: RunState;
  readonly plan: Plan;
}

/** A live run as its rows have it; `unusable` is why this build cannot go on with it. */
export type StoredView = { readonly header: InstanceHeader } & (
  (RunView & { readonly unusable?: undefined }) | { readonly unusable: AppError }
);

/** Runs as they are by now, to be looked at and never changed. */
export class RunViews {
  constructor(
    private readonly runner: Runner,
    private readonly store: InstanceStore,
    private readonly plans: PlanCache,
  ) {}

  /** A live run that is held here, if it can be; one that another worker holds as its rows have it, which may be late. */
  async live(id: InstanceId): Promise<RunView | undefined> {
    for (;;) {
      // Whoever was told that a pause is taken may resume at once, wherever it asks.
      await this.runner.mail?.pass(id);
      await this.runner.reach(id);
      const held = this.runner.peek(id);
      if (held || !this.runner.mail) return held;
      const stored = await this.stored(id);
      // One that was taken up here meanwhile is further than its rows.
      if (!this.runner.holds(id)) return stored?.unusable ? undefined : stored;
    }
  }

  async stored(id: InstanceId): Promise<StoredView | undefined> {
    const stored = await this.store.load(id);
    if (!stored || hasEnded(stored.header.instance.status)) return undefined;
    const { header } = stored;
    try {
      const plan = await this.plans.of(header.instance);
      return { header, plan, state: foldStored(plan, stored) };
    } catch (error) {
      if (error instanceof AppError) return { header, unusable: error };
      throw error;
    }
  }
}
