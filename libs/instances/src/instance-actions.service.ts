import { AppError, type DagId, type DomainId, type InstanceId } from '@flow/kernel';
import { demand, type Caller, type Permission } from '@flow/auth';
import { DagNotFound, type DagStore } from '@flow/dags';
import type { RunEvent } from '@flow/engine';
import { INSTANCE_STATUSES, hasEnded, type Instance } from './instance';
import {
  InstanceHasEnded,
  InstanceIsCancelling,
  InstanceNotFound,
  InstanceNotPaused,
  RunnerStopping,
} from './instance.errors';
import type { InstanceFinder } from './instance-finder';
import type { InstanceStore } from './instance.store';
import type { RunViews } from './run-views';
import type { Runner } from './runner';

const LIVE_STATUSES = INSTANCE_STATUSES.filter((status) => !hasEnded(status));
const CANCELLED_AT_ONCE = 100;

export interface CancelRequest {
  readonly reason: string | null;
  /** Runs the undo steps of what has succeeded. */
  readonly compensate?: boolean;
}

/** One id of a batch: what doing it gave, or why it was not done. */
export type BatchItem<T> =
  | { readonly id: InstanceId; readonly ok: true; readonly value: T }
  | { readonly id: InstanceId; readonly ok: false; readonly error: AppError };

/** What people do to live runs. Every request is durable when its promise resolves. */
export class InstanceActions {
  constructor(
    private readonly dags: DagStore,
    private readonly store: InstanceStore,
    private readonly runner: Runner,
    private readonly finder: InstanceFinder,
    private readonly views: RunViews,
  ) {}

  /** Running calls are told to stop. `within` names the DAG that the instance must be of. @throws InstanceHasEnded with the end state */
  async cancel(caller: Caller, id: InstanceId, request: CancelRequest, within?: DagId): Promise<Instance> {
    demand(caller, 'instance.cancel');
    await this.live(caller, id, within);
    return this.tell(caller, id, cancelBy(caller.principal, request));
  }

  /** Every live instance of a DAG; gives those whose requests are durable. */
  async cancelAll(caller: Caller, dagId: DagId, request: CancelRequest): Promise<readonly InstanceId[]> {
    demand(caller, 'instance.cancel');
    if (!(await this.dags.find(caller.domain, dagId))) throw new DagNotFound(dagId);
    return this.cancelHeld(caller.domain, dagId, caller.principal, request);
  }

  /** For the DAG side, which has checked the caller. */
  async cancelHeld(domain: DomainId, dagId: DagId, by: string, request: CancelRequest): Promise<readonly InstanceId[]> {
    const ids: InstanceId[] = [];
    await this.runner.projector.caughtUp();
    for (let cursor: string | null | undefined; cursor !== null;) {
      const page = await this.store.list(
        domain,
        { dagId, status: LIVE_STATUSES },
        { limit: CANCELLED_AT_ONCE, ...(cursor !== undefined && { cursor }) },
      );
      const told = await Promise.all(page.items.map(({ id }) => this.runner.tell(id, cancelBy(by, request))));
      ids.push(...page.items.flatMap(({ id }, i) => (told[i] ? [id] : [])));
      cursor = page.nextCursor;
    }
    return ids;
  }

  /** Nothing new starts, what runs ends. Pausing twice is pausing once. */
  async pause(caller: Caller, id: InstanceId): Promise<Instance> {
    demand(caller, 'instance.pause');
    await this.live(caller, id);
    if ((await this.views.live(id))?.state.forceAt !== undefined) throw new InstanceIsCancelling(id);
    return this.tell(caller, id, (at) => ({ type: 'paused', at, by: caller.principal }));
  }

  async resume(caller: Caller, id: InstanceId): Promise<Instance> {
    demand(caller, 'instance.pause');
    await this.paused(caller, id);
    return this.tell(caller, id, (at) => ({ type: 'resumed', at, by: caller.principal }));
  }

  /** One after another, each with its own answer; `permission` is what all of it takes. */
  async batch<T>(
    caller: Caller,
    permission: Permission,
    ids: readonly InstanceId[],
    act: (id: InstanceId) => Promise<T>,
  ): Promise<readonly BatchItem<T>[]> {
    demand(caller, permission);
    const items: BatchItem<T>[] = [];
    for (const id of new Set(ids)) {
      try {
        items.push({ id, ok: true, value: await act(id) });
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        items.push({ id, ok: false, error });
      }
    }
    return items;
  }

  private async live(caller: Caller, id: InstanceId, within?: DagId): Promise<Instance> {
    const instance = await this.finder.visible(caller, id);
    if (within !== undefined && instance.dagId !== within) throw new InstanceNotFound(id);
    if (hasEnded(instance.status)) throw new InstanceHasEnded(id, instance.status);
    return instance;
  }

  private async paused(caller: Caller, id: InstanceId): Promise<Instance> {
    const instance = await this.live(caller, id);
    const held = await this.views.live(id);
    // A pause may be on its way to whoever holds it; a resume that finds nothing to resume changes nothing.
    if (this.runner.mail && !this.runner.holds(id)) return instance;
    if (!held && this.runner.isStopping) throw new RunnerStopping();
    if (!held?.state.paused) throw new InstanceNotPaused(id, instance.status);
    return instance;
  }

  private async tell(caller: Caller, id: InstanceId, event: (at: number) => RunEvent): Promise<Instance> {
    const told = await this.runner.tell(id, event);
    if (told) return told;
    const { status } = await this.finder.visible(caller, id);
    throw hasEnded(status) ? new InstanceHasEnded(id, status) : new RunnerStopping();
  }
}

function cancelBy(by: string, { reason, compensate = false }: CancelRequest): (at: number) => RunEvent {
  return (at) => ({ type: 'cancelled', at, by, reason, ...(compensate && { compensate }) });
}
