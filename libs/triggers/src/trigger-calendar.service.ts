import { demand, type Caller } from '@flow/auth';
import type { Clock } from '@flow/kernel';
import { scheduleOfTrigger } from './kinds/cron';
import { HOUR, hoursOf, type Counting, type HourOfSchedule } from './schedule-hours';
import type { Trigger } from './trigger';
import type { TriggerStore } from './trigger.store';

/** Schedules that one calendar looks at. */
export const MOST_IN_CALENDAR = 2_000;
export const LONGEST_CALENDAR_MS = 8 * 86_400_000;
export const MOST_OF_HOUR = 200;
/** Times that are counted one by one, of all schedules together. */
const COUNTED = 20_000;
/** Others get their turn after so many schedules. */
const SCHEDULES_A_TURN = 20;
/** Items beyond those that are kept, until they are sorted out. */
const SORTED_AT_ONCE = 64;

export interface CalendarRequest {
  readonly from: Date;
  readonly to: Date;
  /** Schedules of one hour that are told of by themselves. */
  readonly perHour: number;
}

export interface CalendarItem extends Omit<HourOfSchedule, 'hour' | 'times'> {
  readonly trigger: Trigger;
  readonly times: readonly Date[];
}

export interface CalendarHour {
  readonly at: Date;
  /** Schedules that fire in it, and how often all of them do. */
  readonly schedules: number;
  readonly fires: number;
  /** There are more than `fires`: nobody counted on. */
  readonly more: boolean;
  /** The first `perHour` of them: those that fire seldom in these days before those that fire often. */
  readonly items: readonly CalendarItem[];
}

export interface Calendar {
  readonly hours: readonly CalendarHour[];
  /** From here on schedules are missing, for there are more than are looked at; null when all are here. */
  readonly completeUntil: Date | null;
}

type Found = Omit<HourOfSchedule, 'hour'> & {
  readonly trigger: Trigger;
  /** How often it fires in all hours that are asked for. */
  readonly total: number;
};

interface Hour {
  schedules: number;
  fires: number;
  more: boolean;
  items: Found[];
}

/** What all enabled schedules of a business domain fire, hour by hour. */
export class TriggerCalendar {
  constructor(
    private readonly store: Pick<TriggerStore, 'upcoming'>,
    private readonly clock: Pick<Clock, 'now'>,
  ) {}

  /** Hours count from `from`; only those in which something is still to fire are told. */
  async between(caller: Caller, { from, to, perHour }: CalendarRequest): Promise<Calendar> {
    demand(caller, 'trigger.view');
    const now = this.clock.now();
    const found = await this.store.upcoming(caller.domain, MOST_IN_CALENDAR + 1);
    const hours = new Map<number, Hour>();
    const counting: Counting = { left: COUNTED };
    const [start, end] = [from, to].map((one) => Math.floor(one.getTime() / 1000)) as [number, number];
    const asked = { start, from: Math.max(start, Math.ceil(now.getTime() / 1000)), to: end };
    for (const [i, trigger] of found.slice(0, MOST_IN_CALENDAR).entries()) {
      if (i % SCHEDULES_A_TURN === SCHEDULES_A_TURN - 1) await new Promise<void>((resolve) => setImmediate(resolve));
      const all = [...hoursOf(scheduleOfTrigger(trigger), asked, counting)];
      const total = all.reduce((sum, { count }) => sum + count, 0);
      for (const { hour, ...fires } of all) {
        const standing = hours.get(hour) ?? { schedules: 0, fires: 0, more: false, items: [] };
        standing.schedules += 1;
        standing.fires += fires.count;
        standing.more ||= fires.more;
        standing.items.push({ trigger, total, ...fires });
        if (standing.items.length >= perHour + SORTED_AT_ONCE) standing.items = seldomFirst(standing.items, perHour);
        hours.set(hour, standing);
      }
    }
    return {
      hours: [...hours]
        .sort(([a], [b]) => a - b)
        .map(([hour, { items, ...counts }]) => ({
          at: new Date((start + hour * HOUR) * 1000),
          ...counts,
          items: seldomFirst(items, perHour).map(({ times, total: _total, ...item }) => ({
            ...item,
            times: times.map(dateOf),
          })),
        })),
      completeUntil: found[MOST_IN_CALENDAR]?.nextFireAt ?? null,
    };
  }
}

const dateOf = (second: number) => new Date(second * 1000);

function seldomFirst(items: readonly Found[], most: number): Found[] {
  return items.toSorted((a, b) => a.total - b.total || (a.times[0] ?? 0) - (b.times[0] ?? 0)).slice(0, most);
}
