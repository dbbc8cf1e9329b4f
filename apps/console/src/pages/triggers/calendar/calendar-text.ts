import type { CalendarItem } from '../../../api/calendar.queries';
import { dateFormat } from '../../../i18n/formats';

/** `09:15`, with seconds where there are some. */
export function clockText(at: string | Date, language: string, timeZone?: string): string {
  const moment = new Date(at);
  const seconds = moment.getUTCSeconds() === 0 ? {} : { second: '2-digit' as const };
  return dateFormat(language, {
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    ...seconds,
    ...(timeZone !== undefined && { timeZone }),
  }).format(moment);
}

/** All times of a schedule in an hour: those that are named, and that there are others. */
export function timesText({ times, count, more }: CalendarItem, language: string, timeZone?: string): string {
  const named = times.map((at) => clockText(at, language, timeZone)).join(', ');
  return count > times.length || more ? `${named}, …` : named;
}

/** `60×`, `200+×`; nothing of one. */
export const countText = ({ count, more }: Pick<CalendarItem, 'count' | 'more'>): string =>
  count === 1 && !more ? '' : `${count}${more ? '+' : ''}×`;

export const viewerZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;
