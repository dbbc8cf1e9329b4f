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

/** In the viewer's zone, to the second, with the zone's name. */
export const exactTime = (at: Date, language: string): string =>
  dateFormat(language, { dateStyle: 'medium', timeStyle: 'long' }).format(at);
