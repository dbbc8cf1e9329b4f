import type { DagsService } from '@flow/dags';
import type { Clock, IdGenerator } from '@flow/kernel';
import type { BlobStore } from '@flow/platform';
import { DebugRuns } from './debug-runs.service';
import { DebugSteps } from './debug-steps.service';
import { DebugSweep } from './debug-sweep';
import type { InstanceStore } from './instance.store';
import type { PlanCache } from './plan-cache';
import type { Runs } from './runs';
import type { TaskLog } from './task-log.store';
import type { TaskLogWriter } from './task-log.writer';

/** What debugging takes beside the runs themselves. */
export interface DebuggingParts {
  /** Checks what is debugged and not saved. */
  readonly definitions: DagsService;
  readonly store: InstanceStore;
  readonly plans: PlanCache;
  readonly taskLog: TaskLog;
  readonly lines: TaskLogWriter;
  readonly blobs: BlobStore;
  readonly clock: Clock;
  readonly ids: IdGenerator;
}

/** Debugging on the runs of a process, wired. Its sweep is to be armed behind the recovery and stopped with the runs. */
export class Debugging {
  readonly runs: DebugRuns;
  readonly steps: DebugSteps;
  readonly sweep: DebugSweep;

  constructor({ runner, finder, starts, views, ends }: Runs, parts: DebuggingParts, onFault: (error: unknown) => void) {
    const { definitions, store, plans, taskLog, lines, blobs, clock, ids } = parts;
    this.sweep = new DebugSweep(runner, store, taskLog, lines, blobs, clock, onFault);
    this.runs = new DebugRuns(definitions, plans, runner, store, views, finder, starts, clock, ids, this.sweep.arm);
    this.steps = new DebugSteps(definitions, this.runs, runner, ends, store, taskLog, lines, ids);
  }
}
