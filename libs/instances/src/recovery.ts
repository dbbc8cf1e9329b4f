import { SnapshotUnreadable } from '@flow/engine';
import { AppError, type InstanceId } from '@flow/kernel';
import type { InstanceHeader, InstanceStore } from './instance.store';
import type { LogTakeover } from './log-takeover';
import type { PlanCache } from './plan-cache';
import type { Runner } from './runner';
import { rebuiltRun } from './rebuilt-run';
import type { WorkerLog } from './worker-log';

const HEADERS_A_READ = 200;

export interface Recovered {
  /** Logs of earlier workers that were sealed, projected and closed. */
  readonly logs: number;
  /** Transitions that stood in those logs only. */
  readonly replayed: number;
  /** Runs that go on here. */
  readonly adopted: number;
  /** Runs that this build cannot go on with; they are left as they are. */
  readonly left: readonly { readonly id: InstanceId; readonly error: unknown }[];
}

/**
 * Takes over what all earlier workers left (engine.md B4, B5): seals each log, projects its tail, claims every live instance and
 * goes on with it. The caller holds the proof that those workers are dead: under the data folder's lock every other worker is.
 */
export class Recovery {
  constructor(
    private readonly log: WorkerLog,
    private readonly store: InstanceStore,
    private readonly plans: PlanCache,
    private readonly runner: Runner,
    private readonly takeover: LogTakeover,
  ) {}

  async run(): Promise<Recovered> {
    const dead = (await this.log.unclosed()).filter(({ id }) => id !== this.runner.workerId);
    let replayed = 0;
    for (const { id } of dead) replayed += (await this.takeover.finish(id)).replayed;
    const { adopted, left } = await this.claimAll();
    for (const { id } of dead) if (!(await this.store.names(id))) await this.log.close(id);
    return { logs: dead.length, replayed, adopted, left };
  }

  private async claimAll(): Promise<{ adopted: number; left: { id: InstanceId; error: unknown }[] }> {
    const left: { id: InstanceId; error: unknown }[] = [];
    const adoptions: Promise<void>[] = [];
    let after: InstanceId | null = null;
    for (;;) {
      const headers: readonly InstanceHeader[] = await this.store.held(after, HEADERS_A_READ);
      for (const header of headers) {
        const { id } = header.instance;
        // What this worker has made meanwhile is its own: held, or ended and not projected yet.
        if (this.runner.holds(id) || header.owner === this.runner.workerId) continue;
        // Compiled before the claim: a run that this build cannot carry out stays untouched.
        const unusable = await this.unusable(header);
        // A store that does not answer ends the start: the next one takes over all, also what was claimed without an answer.
        const stored = unusable === undefined && (await this.store.claim(id, header, this.runner.workerId));
        if (unusable !== undefined) left.push({ id, error: unusable });
        if (!stored) continue;
        try {
          const run = await rebuiltRun(this.plans, stored, this.runner.workerId, stored.header.epoch);
          adoptions.push(this.runner.adopt(run, header.owner !== null));
        } catch (error) {
          left.push({ id, error });
        }
      }
      const last = headers.at(-1);
      if (!last) {
        await Promise.all(adoptions);
        return { adopted: adoptions.length, left };
      }
      after = last.instance.id;
      // What is claimed goes on while the rest is being claimed.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  private async unusable({ instance, newerCursor }: InstanceHeader): Promise<AppError | undefined> {
    if (newerCursor !== undefined) return new SnapshotUnreadable(newerCursor);
    try {
      await this.plans.of(instance);
      return undefined;
    } catch (error) {
      if (error instanceof AppError) return error;
      throw error;
    }
  }
}
