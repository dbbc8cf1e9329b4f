import { demand, type Caller } from '@flow/auth';
import type { DomainId, InstanceId } from '@flow/kernel';
import { isHiddenFrom } from './debug-run';
import type { Instance } from './instance';
import { InstanceNotFound, InstancePurged } from './instance.errors';
import type { InstanceStore } from './instance.store';
import type { Projector } from './projector';

/** Finds instances as they are by now: what this process has done and not yet written is written first. */
export class InstanceFinder {
  constructor(
    private readonly store: InstanceStore,
    private readonly projector: Projector,
  ) {}

  async find(domain: DomainId, id: InstanceId): Promise<Instance | undefined> {
    if (this.projector.isBehind(id)) await this.projector.caughtUp();
    return this.store.find(domain, id);
  }

  /** @throws InstancePurged for an id that was given, and whose instance is gone */
  async assertNew(id: InstanceId): Promise<void> {
    if (await this.store.wasPurged(id)) throw new InstancePurged(id);
  }

  /** An instance that the caller may look at; a debug run is its caller's alone. @throws InstanceNotFound */
  async visible(caller: Caller, id: InstanceId): Promise<Instance> {
    demand(caller, 'instance.view');
    const instance = await this.find(caller.domain, id);
    if (!instance || isHiddenFrom(caller, instance)) throw new InstanceNotFound(id);
    return instance;
  }
}
