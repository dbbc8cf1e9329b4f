import { demand, type Caller } from '@flow/auth';
import { END_STATUSES, type Clock, type EndStatus } from '@flow/kernel';
import { LIVE_STATUSES, type EndedCount, type InstanceCounts, type LiveStatus } from './instance-counts.store';
import type { Projector } from './projector';

const MINUTE_MS = 60_000;
const MINUTES = 60;
/** As far as it is counted: a few milliseconds of a store, however many instances it has. */
const MOST_LIVE = 10_000;
const MOST_ENDED = 20_000;

export interface EndedMinute extends Readonly<Record<EndStatus, number>> {
  readonly at: Date;
}

/** What goes on in a business domain. */
export interface RuntimeView {
  readonly at: Date;
  /** Not ended; `more`: there are more than were counted. */
  readonly live: Readonly<Record<LiveStatus, { readonly count: number; readonly more: boolean }>>;
  /** Ended in the last hour, the oldest minute first, the present one last; `more`: the oldest of them were not counted. */
  readonly ended: { readonly minutes: readonly EndedMinute[]; readonly more: boolean };
}

/** How much goes on, and how it ends, for the people of a business domain. */
export class RuntimeViews {
  constructor(
    private readonly counts: InstanceCounts,
    private readonly unwritten: Pick<Projector, 'caughtUp'>,
    private readonly clock: Clock,
  ) {}

  async view(caller: Caller): Promise<RuntimeView> {
    demand(caller, 'instance.view');
    await this.unwritten.caughtUp();
    const at = this.clock.now();
    const last = Math.floor(at.getTime() / MINUTE_MS);
    const since = new Date((last - MINUTES + 1) * MINUTE_MS);
    // One more than is shown tells that there are more.
    const [live, ended] = await Promise.all([
      this.counts.live(caller.domain, MOST_LIVE + 1),
      this.counts.ended(caller.domain, since, MOST_ENDED + 1),
    ]);
    const bounded = (count: number) => ({ count: Math.min(count, MOST_LIVE), more: count > MOST_LIVE });
    return {
      at,
      live: Object.fromEntries(LIVE_STATUSES.map((status) => [status, bounded(live[status])])) as RuntimeView['live'],
      ended: {
        minutes: minutesOf(since, ended),
        more: ended.reduce((total, { count }) => total + count, 0) > MOST_ENDED,
      },
    };
  }
}

function minutesOf(since: Date, ended: readonly EndedCount[]): readonly EndedMinute[] {
  const counts = new Map(ended.map(({ minute, status, count }) => [`${minute.getTime()} ${status}`, count]));
  return Array.from({ length: MINUTES }, (_, n) => {
    const at = new Date(since.getTime() + n * MINUTE_MS);
    const [succeeded = 0, failed = 0, cancelled = 0] = END_STATUSES.map((status) =>
      counts.get(`${at.getTime()} ${status}`),
    );
    return { at, succeeded, failed, cancelled };
  });
}
