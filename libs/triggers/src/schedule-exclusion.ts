import { DAY, matches, type CronCalendar } from './cron-calendar';
import { parseCron } from './cron-expression';
import { FIELD_RULES, type FieldValues } from './cron-field';

/** Wall times at which nothing fires: from the first until before the last. */
export interface WallRange {
  readonly from: number;
  readonly to: number;
}

/** One line of `exclude`: days, or what a cron expression matches. */
export type Exclusion =
  | ({ readonly kind: 'days' } & WallRange)
  | {
      readonly kind: 'cron';
      readonly calendar: CronCalendar;
      /** Seconds for which a match goes on for certain: 1, or the minute, hour or day of which it takes all. */
      readonly unit: number;
    };

const DAYS = /^(\d{4}-\d{2}-\d{2})(?:\/(\d{4}-\d{2}-\d{2}))?$/;

/** Reads `2026-12-25`, `2026-12-24/2027-01-01` (both days included) or a cron expression; a sentence when it is none. */
export function parseExclusion(text: string): Exclusion | string {
  const days = DAYS.exec(text);
  if (days) {
    const first = dayOf(days[1] ?? '');
    const last = dayOf(days[2] ?? days[1] ?? '');
    if (first === undefined || last === undefined) return `"${text}" has a date that is in no calendar.`;
    if (last < first) return `"${text}" ends before it begins: write the earlier date first.`;
    return { kind: 'days', from: first, to: last + DAY };
  }
  const cron = parseCron(text);
  if (!('kind' in cron)) return cron[0]?.message ?? '';
  if (cron.kind === 'every')
    return '"@every" excludes no times of day: write a cron expression with fields, or a date.';
  const { fields } = cron.calendar;
  // Five fields know no seconds: they take the whole minute.
  const second = cron.seconds ? fields.second : EVERY_SECOND;
  const full = [second.values.length === 60, fields.minute.values.length === 60, fields.hour.values.length === 24];
  const unit = !full[0] ? 1 : !full[1] ? 60 : !full[2] ? 3600 : DAY;
  return { kind: 'cron', calendar: { ...cron.calendar, fields: { ...fields, second } }, unit };
}

const EVERY_SECOND: FieldValues = {
  values: Array.from({ length: FIELD_RULES.second.max + 1 }, (_, second) => second),
  any: true,
  rhythm: true,
  fromLast: [],
  nearest: [],
  nthWeekdays: [],
};

function dayOf(text: string): number | undefined {
  const date = new Date(`${text}T00:00:00Z`);
  const real = !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
  return real ? date.getTime() / 1000 : undefined;
}

/** A range around the wall time in which all is excluded; undefined when it is not. */
export function excludedRange(exclusions: readonly Exclusion[], wall: number): WallRange | undefined {
  for (const exclusion of exclusions) {
    if (exclusion.kind === 'days') {
      if (wall >= exclusion.from && wall < exclusion.to) return exclusion;
    } else if (matches(exclusion.calendar, wall)) {
      const from = wall - (wall % exclusion.unit);
      return { from, to: from + exclusion.unit };
    }
  }
  return undefined;
}
