/** Days and hours as the clocks of the viewer show them; a day is its midnight. */

const pad = (value: number) => String(value).padStart(2, '0');

/** `2026-11-27`: what the address holds. */
export const dayText = (day: Date): string => `${day.getFullYear()}-${pad(day.getMonth() + 1)}-${pad(day.getDate())}`;

/** Undefined for what is no day of the calendar. */
export function dayOf(text: string): Date | undefined {
  const [, year, month, date] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text) ?? [];
  const day = new Date(Number(year), Number(month) - 1, Number(date));
  return dayText(day) === text ? day : undefined;
}

/** Midnights are not 24 hours apart where clocks are set. */
export const daysLater = (day: Date, days: number): Date =>
  new Date(day.getFullYear(), day.getMonth(), day.getDate() + days);

export const midnightOf = (at: Date): Date => daysLater(at, 0);

export type CalendarView = 'week' | 'day';
export const CALENDAR_VIEWS: readonly CalendarView[] = ['week', 'day'];

/** The days that a view shows, from one of them on: what is to come matters, so that a week begins on any day. */
export const daysOf = (view: CalendarView, day: Date): readonly Date[] =>
  Array.from({ length: view === 'week' ? 7 : 1 }, (_, i) => daysLater(day, i));

/** By `dayText` and hour of the clock; of an hour that comes twice both. */
export function byDayAndHour<Hour extends { readonly at: string }>(
  hours: readonly Hour[],
): ReadonlyMap<string, readonly Hour[]> {
  const found = new Map<string, Hour[]>();
  for (const hour of hours) {
    const at = new Date(hour.at);
    const key = cellKey(at, at.getHours());
    found.set(key, [...(found.get(key) ?? []), hour]);
  }
  return found;
}

export const cellKey = (day: Date, hour: number): string => `${dayText(day)} ${hour}`;
