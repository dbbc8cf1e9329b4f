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

  /** What stands under an id that an instance is to be started with. @throws InstancePurged when that one has come and gone */
  async standing(domain: DomainId, id: InstanceId): Promise<Instance | undefined> {
    if (this.projector.isBehind(id)) await this.projector.caughtUp();
    const standing = await this.store.standing(domain, id);
    if (standing === 'purged') throw new InstancePurged(id);
    return standing;
  }

  /** An instance that the caller may look at; a debug run is its caller's alone. @throws InstanceNotFound */
  async visible(caller: Caller, id: InstanceId): Promise<Instance> {
    demand(caller, 'instance.view');
    const instance = await this.find(caller.domain, id);
    if (!instance || isHiddenFrom(caller, instance)) throw new InstanceNotFound(id);
    return instance;
  }
}
