import { demand, type Caller } from '@flow/auth';
import { AppError, type Clock, type WorkerId } from '@flow/kernel';
import { DEAD_MS } from './watcher';
import type { WorkerReport, Workers } from './workers.store';

/** Silent: nothing was heard of it for so long that others take over what it holds, if its clock and this one go alike. */
export type WorkerStatus = 'starting' | 'running' | 'draining' | 'silent' | 'closing';

export interface WorkerView {
  readonly id: WorkerId;
  readonly status: WorkerStatus;
  readonly report: WorkerReport | null;
}

export class WorkerNotFound extends AppError {
  readonly kind = 'not_found';
  readonly code = 'worker.not_found';
  constructor(id: string) {
    super(`No worker that is at work has the id ${id}.`, { id });
  }
}

export class WorkerIsAlone extends AppError {
  readonly kind = 'conflict';
  readonly code = 'worker.alone';
  constructor() {
    super('No other process could go on with what this one holds: stop it instead (SIGTERM), its next start goes on.');
  }
}

/** The processes that run instances, for the people who look after them. */
export class WorkersService {
  constructor(
    /** Left out where there is this process alone. */
    private readonly workers: Workers | undefined,
    private readonly self: { readonly id: WorkerId; readonly report: () => WorkerReport | null },
    private readonly clock: Clock,
  ) {}

  /** Those that are at work or being taken over, oldest first. */
  async list(caller: Caller): Promise<readonly WorkerView[]> {
    demand(caller, 'platform.admin');
    if (!this.workers) return [{ id: this.self.id, status: 'running', report: this.self.report() }];
    const nowMs = this.clock.now().getTime();
    return (await this.workers.reported()).map(({ id, isClosing, isDraining, report }) => {
      const isSilent = report !== null && nowMs - Date.parse(report.at) >= DEAD_MS;
      const alive = isDraining ? 'draining' : report === null ? 'starting' : 'running';
      return { id, status: isClosing ? 'closing' : isSilent ? 'silent' : alive, report };
    });
  }

  /**
   * Has a worker take nothing new and let go of what it holds, within two seconds and the time that its calls take; others go on with that. It stays
   * until it is stopped. Durable when it resolves. @throws WorkerNotFound, WorkerIsAlone
   */
  async drain(caller: Caller, id: WorkerId): Promise<void> {
    demand(caller, 'platform.admin');
    if (!this.workers) throw id === this.self.id ? new WorkerIsAlone() : new WorkerNotFound(id);
    if (!(await this.workers.askToDrain(id))) throw new WorkerNotFound(id);
  }
}
