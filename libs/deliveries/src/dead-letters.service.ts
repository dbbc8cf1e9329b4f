import { demand, type Caller } from '@flow/auth';
import { AppError, type Clock, type Page, type PageRequest } from '@flow/kernel';
import type { Deliverer } from './deliverer';
import type { DeadLetter, WholeDeadLetter } from './delivery';
import { DeadLetterNotFound } from './delivery.errors';
import type { Deliveries } from './deliveries.service';
import type { DeadLetterFilter, DeliveryStore } from './delivery.store';

/** How many a filter drives anew in one call. */
const REDRIVEN_AT_ONCE = 200;

/** One id of a redrive: whether it is delivered anew, or why not. */
export type Redriven =
  { readonly id: string; readonly ok: true } | { readonly id: string; readonly ok: false; readonly error: AppError };

/** What was given up, for the people who look after it. */
export class DeadLetters {
  constructor(
    private readonly store: DeliveryStore,
    private readonly deliveries: Deliveries,
    private readonly deliverer: Deliverer,
    private readonly clock: Clock,
  ) {}

  async list(caller: Caller, filter: DeadLetterFilter, page: PageRequest): Promise<Page<DeadLetter>> {
    demand(caller, 'dead_letter.view');
    return this.store.deadLetters(caller.domain, filter, page);
  }

  /** @throws DeadLetterNotFound */
  async get(caller: Caller, id: string): Promise<WholeDeadLetter> {
    demand(caller, 'dead_letter.view');
    return this.standing(caller, id);
  }

  /** What it says is what happened and stays; where it goes can be changed. @throws DeadLetterNotFound, CallbackUrlInvalid, CallbackUrlBlocked */
  async redirect(caller: Caller, id: string, url: string): Promise<WholeDeadLetter> {
    demand(caller, 'dead_letter.manage');
    if (!(await this.store.redirect(caller.domain, id, this.deliveries.checkUrl(url, '/url'))))
      throw new DeadLetterNotFound(id);
    return this.standing(caller, id);
  }

  /** @throws DeadLetterNotFound */
  async remove(caller: Caller, id: string): Promise<void> {
    demand(caller, 'dead_letter.manage');
    if (!(await this.store.remove(caller.domain, id))) throw new DeadLetterNotFound(id);
  }

  /** Each is delivered anew under its own id; one that cannot be keeps no other from it. */
  async redrive(caller: Caller, ids: readonly string[]): Promise<readonly Redriven[]> {
    demand(caller, 'dead_letter.manage');
    const driven: Redriven[] = [];
    for (const id of new Set(ids)) {
      const lane = await this.store.redrive(caller.domain, id, this.clock.now());
      if (lane === undefined) driven.push({ id, ok: false, error: new DeadLetterNotFound(id) });
      else driven.push({ id, ok: true });
      if (lane !== undefined) this.deliverer.wake(lane);
    }
    return driven;
  }

  /** The newest 200 that fit; `more` when others are left. */
  async redriveAll(
    caller: Caller,
    filter: DeadLetterFilter,
  ): Promise<{ readonly items: readonly Redriven[]; readonly more: boolean }> {
    demand(caller, 'dead_letter.manage');
    const { items, nextCursor } = await this.store.deadLetters(caller.domain, filter, { limit: REDRIVEN_AT_ONCE });
    const driven = await this.redrive(
      caller,
      items.map(({ id }) => id),
    );
    return { items: driven, more: nextCursor !== null };
  }

  private async standing({ domain }: Caller, id: string): Promise<WholeDeadLetter> {
    const letter = await this.store.deadLetter(domain, id);
    if (!letter) throw new DeadLetterNotFound(id);
    return letter;
  }
}
