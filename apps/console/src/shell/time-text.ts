import { dateFormat, relativeFormat } from '../i18n/formats';

const UNITS: readonly (readonly [unit: Intl.RelativeTimeFormatUnit, seconds: number])[] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
];

/** `5 minutes ago`, `in 2 hours`: the largest unit that fits, in the viewer's language. */
export function relativeTime(at: Date, now: Date, language: string): string {
  const seconds = Math.round((at.getTime() - now.getTime()) / 1000);
  const [unit, size] = UNITS.find(([, length]) => Math.abs(seconds) >= length) ?? (['second', 1] as const);
  return relativeFormat(language).format(Math.trunc(seconds / size), unit);
}

/** In the viewer's zone, with the zone's name, and as the service says it. */
export const exactTime = (at: Date, language: string): string =>
  `${dateFormat(language, { dateStyle: 'full', timeStyle: 'long' }).format(at)}\n${at.toISOString()}`;

/** Day and time to the second, or the millisecond; with the year where it is not this one. */
export function momentText(at: Date, now: Date, language: string, milliseconds: boolean): string {
  return dateFormat(language, {
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
    ...(milliseconds && { fractionalSecondDigits: 3 }),
    ...(at.getFullYear() !== now.getFullYear() && { year: 'numeric' }),
  }).format(at);
}

/** As an input of date and time holds it, in the viewer's zone; empty for what is no time. */
export function localTime(iso: string): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return '';
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
