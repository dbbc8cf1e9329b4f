import { LiveInstances } from '@flow/dags';
import type { InstanceActions, InstancesService } from '@flow/instances';
import type { DagId, DomainId } from '@flow/kernel';

/** What DAGs have to know about their runs. */
export class RunnerLiveInstances extends LiveInstances {
  constructor(
    private readonly instances: InstancesService,
    private readonly actions: InstanceActions,
  ) {
    super();
  }

  override count(domain: DomainId, dagId: DagId): Promise<number> {
    return this.instances.countLive(domain, dagId);
  }

  override async cancelAll(domain: DomainId, dagId: DagId, reason: string): Promise<void> {
    await this.actions.cancelHeld(domain, dagId, 'system', { reason });
  }
}
