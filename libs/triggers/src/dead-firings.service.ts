import { demand, type Caller } from '@flow/auth';
import type { Clock, FiringId, Json, Page, PageRequest, TriggerId } from '@flow/kernel';
import type { Firing } from './firing';
import type { FiringStore } from './firing.store';
import type { Firings } from './firings';

const REDRIVEN_A_WRITE = 1_000;
/** A call that drives many tells how far it came after so long. */
const REDRIVES_FOR_MS = 5_000;

/** How far a redrive of all came. */
export interface RedriveProgress {
  readonly redriven: number;
  readonly left: number;
}

/** Firings that were given up, for the people who look after them. */
export class DeadFirings {
  constructor(
    private readonly store: FiringStore,
    private readonly firings: Pick<Firings, 'wake'>,
    private readonly clock: Clock,
  ) {}

  /** The newest first. */
  async list(caller: Caller, triggerId: TriggerId | undefined, page: PageRequest): Promise<Page<Firing>> {
    demand(caller, 'dead_letter.view');
    return this.store.list(caller.domain, { statuses: ['dead'], ...(triggerId && { triggerId }) }, page);
  }

  async find(caller: Caller, id: FiringId): Promise<Firing | undefined> {
    demand(caller, 'dead_letter.view');
    return this.standing(caller, id);
  }

  /** What it says is another from now on. Undefined when it is not dead. */
  async change(caller: Caller, id: FiringId, data: Json): Promise<Firing | undefined> {
    demand(caller, 'dead_letter.manage');
    const firing = await this.standing(caller, id);
    if (!firing || !(await this.store.editDead(caller.domain, id, { ...firing.event, data }))) return undefined;
    return this.standing(caller, id);
  }

  async remove(caller: Caller, id: FiringId): Promise<boolean> {
    demand(caller, 'dead_letter.manage');
    return this.store.removeDead(caller.domain, id);
  }

  /** It is carried out anew, at once, though its trigger be disabled. False when it is not dead. */
  async redrive(caller: Caller, id: FiringId): Promise<boolean> {
    demand(caller, 'dead_letter.manage');
    const now = this.clock.now();
    const isPending = (await this.store.redrive(caller.domain, { ids: [id] }, { now }, 1)) === 1;
    if (isPending) this.firings.wake(now);
    return isPending;
  }

  /** All of a trigger, some seconds long: asked again it goes on. */
  async redriveAll(caller: Caller, triggerId: TriggerId): Promise<RedriveProgress> {
    demand(caller, 'dead_letter.manage');
    const begun = this.clock.monotonicMs();
    let redriven = 0;
    for (let last = REDRIVEN_A_WRITE; last === REDRIVEN_A_WRITE;) {
      const now = this.clock.now();
      last = await this.store.redrive(caller.domain, { triggerId }, { now }, REDRIVEN_A_WRITE);
      redriven += last;
      this.firings.wake(now);
      if (this.clock.monotonicMs() - begun > REDRIVES_FOR_MS) break;
    }
    const { total } = await this.list(caller, triggerId, { limit: 1, count: true });
    return { redriven, left: total ?? 0 };
  }

  private async standing({ domain }: Caller, id: FiringId): Promise<Firing | undefined> {
    const firing = await this.store.find(domain, id);
    return firing?.status === 'dead' ? firing : undefined;
  }
}
