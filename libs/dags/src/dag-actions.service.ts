import { Injectable } from '@nestjs/common';
import { demand, type Caller, type Permission } from '@flow/auth';
import { AppError, Clock, RequestInvalid, type DagId, type InstanceId } from '@flow/kernel';
import type { Dag, DagStatus } from './dag';
import { callersFirst, callersOf, type DagCaller } from './dag-callers.reader';
import { DagHasLiveInstances, DagInUse, DagNotFound, DagStale } from './dag.errors';
import { DagLimits } from './dag-limits';
import { DagStore } from './dag.store';
import { LiveInstances } from './live-instances';

export type DagAction = 'activate' | 'deactivate' | 'delete' | 'run';
export const DAG_ACTIONS = ['activate', 'deactivate', 'delete', 'run'] as const satisfies readonly DagAction[];

/** Starts a run; the side that runs instances gives it. */
export type StartRun = (caller: Caller, id: DagId) => Promise<{ readonly id: InstanceId }>;

export interface BatchItem {
  readonly id: DagId;
  readonly ok: boolean;
  /** The run that was started. */
  readonly instanceId?: InstanceId;
  readonly error?: { readonly code: string; readonly message: string };
}

const PERMISSIONS: Readonly<Record<DagAction, Permission>> = {
  activate: 'dag.modify',
  deactivate: 'dag.modify',
  delete: 'dag.delete',
  run: 'dag.run',
};
const DELETED = 'The DAG was deleted.';
/** How often a change of status is tried again when another change was faster. */
const ATTEMPTS = 5;

/** What is done to whole DAGs: switching them on and off, deleting them, and that for many at once. */
@Injectable()
export class DagActionsService {
  constructor(
    private readonly store: DagStore,
    private readonly live: LiveInstances,
    private readonly clock: Clock,
    private readonly limits: DagLimits,
  ) {}

  /** A stopped DAG starts no runs; those that live go on. Makes no version. Throws DagNotFound. */
  async setStatus(caller: Caller, id: DagId, status: DagStatus): Promise<Dag> {
    demand(caller, 'dag.modify');
    return this.switch(caller, id, status);
  }

  /**
   * Deletes softly. Throws DagNotFound, DagStale, DagInUse while others call it (unless it is forced: their steps fail from then on),
   * and DagHasLiveInstances unless `cancel` is asked for: then the DAG is stopped first, so that nothing new starts, and a repeat
   * after a crash finishes the work.
   */
  async delete(
    caller: Caller,
    id: DagId,
    options: { readonly cancel?: boolean; readonly force?: boolean; readonly ifRevision?: number } = {},
  ): Promise<void> {
    demand(caller, 'dag.delete');
    const dag = await this.get(caller, id);
    if (options.ifRevision !== undefined && options.ifRevision !== dag.revision) throw new DagStale(id);
    if (options.force !== true) {
      const callers = (await callersOf(this.store, caller.domain, new Set([id]))).get(id);
      if (callers) throw inUse(caller, id, callers);
    }
    await this.remove(caller, dag, options);
  }

  private async remove(
    caller: Caller,
    dag: Dag,
    options: { readonly cancel?: boolean; readonly ifRevision?: number },
  ): Promise<void> {
    const { id } = dag;
    const live = await this.live.count(caller.domain, id);
    let revision = dag.revision;
    if (live > 0) {
      if (options.cancel !== true) throw new DagHasLiveInstances(id, live);
      ({ revision } = await this.switch(caller, id, 'stopped'));
      await this.live.cancelAll(caller.domain, id, DELETED);
    }
    await this.store.remove(caller.domain, id, {
      at: this.clock.now().toISOString(),
      by: caller.principal,
      ...(options.ifRevision !== undefined && { fromRevision: revision }),
    });
    // A run that was being started while the DAG was deleted.
    if (options.cancel === true && (await this.live.count(caller.domain, id)) > 0)
      await this.live.cancelAll(caller.domain, id, DELETED);
  }

  /**
   * One result an id, in their order; one that fails keeps no other from being done. DAGs that are called are deleted together with
   * all that call them. Throws RequestInvalid.
   */
  async batch(
    caller: Caller,
    request: { readonly action: DagAction; readonly ids: readonly DagId[] },
    start: StartRun,
  ): Promise<readonly BatchItem[]> {
    demand(caller, PERMISSIONS[request.action]);
    if (request.ids.length > this.limits.batch)
      throw new RequestInvalid([
        { pointer: '/ids', code: 'field.too_long', message: `At most ${this.limits.batch} ids at once.` },
      ]);
    const ids = [...new Set(request.ids)];
    const items = new Map<DagId, BatchItem>();
    if (request.action === 'delete') {
      const callers = await callersOf(this.store, caller.domain, new Set(ids));
      for (const id of callersFirst(ids, callers)) {
        const left = (callers.get(id) ?? []).filter((one) => items.get(one.id)?.ok !== true);
        items.set(id, await this.told(id, () => this.deleteOf(caller, id, left)));
      }
    } else {
      const { action } = request;
      for (const id of ids) items.set(id, await this.told(id, () => this.act(caller, action, id, start)));
    }
    return ids.flatMap((id) => items.get(id) ?? []);
  }

  private async deleteOf(caller: Caller, id: DagId, callers: readonly DagCaller[]): Promise<object> {
    const dag = await this.get(caller, id);
    if (callers.length > 0) throw inUse(caller, id, callers);
    await this.remove(caller, dag, {});
    return {};
  }

  private async act(caller: Caller, action: Exclude<DagAction, 'delete'>, id: DagId, start: StartRun): Promise<object> {
    if (action === 'run') return { instanceId: (await start(caller, id)).id };
    await this.switch(caller, id, action === 'activate' ? 'normal' : 'stopped');
    return {};
  }

  private async told(id: DagId, act: () => Promise<object>): Promise<BatchItem> {
    try {
      return { id, ok: true, ...(await act()) };
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      return { id, ok: false, error: { code: error.code, message: error.message } };
    }
  }

  private async switch(caller: Caller, id: DagId, status: DagStatus): Promise<Dag> {
    for (let attempt = 1; ; attempt += 1) {
      const dag = await this.get(caller, id);
      if (dag.status === status) return dag;
      const next = { ...dag, status, updatedAt: this.clock.now().toISOString(), modifiedBy: caller.principal };
      try {
        return await this.store.update(next, dag.revision, { publish: false });
      } catch (error) {
        if (!(error instanceof DagStale) || attempt === ATTEMPTS) throw error;
      }
    }
  }

  private async get(caller: Caller, id: DagId): Promise<Dag> {
    const dag = await this.store.find(caller.domain, id);
    if (!dag) throw new DagNotFound(id);
    return dag;
  }
}

function inUse(caller: Caller, id: DagId, callers: readonly DagCaller[]): DagInUse {
  return new DagInUse(id, callers.length, caller.permissions.has('dag.view') ? callers : []);
}
