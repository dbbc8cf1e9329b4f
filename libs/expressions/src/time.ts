const RFC3339 =
  /^(\d{4})-(\d{2})-(\d{2})(?:[Tt ](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d{2}):(\d{2})))?$/;
/** What a Date can hold. */
export const MAX_TIME_MS = 8.64e15;

/** Milliseconds since 1970 (UTC) of an RFC 3339 time, or of a bare date (its midnight in UTC); undefined for every other text. */
export function timeOf(text: string): number | undefined {
  const match = RFC3339.exec(text);
  if (!match) return undefined;
  const [year, month, day, hour, minute, second] = match
    .slice(1, 7)
    .map((part: string | undefined) => Number(part ?? 0)) as [number, number, number, number, number, number];
  const [offsetHours, offsetMinutes] = [Number(match[9] ?? 0), Number(match[10] ?? 0)];
  if (hour > 23 || minute > 59 || second > 59 || offsetHours > 23 || offsetMinutes > 59) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined;
  date.setUTCHours(hour, minute, second, Number((match[7] ?? '').padEnd(3, '0').slice(0, 3)));
  return date.getTime() - (match[8] === '-' ? -1 : 1) * (offsetHours * 60 + offsetMinutes) * 60_000;
}

/** Minutes east of UTC of `Z`, `+08:00`, `-0330`; undefined for every other text. */
export function offsetOf(text: string): number | undefined {
  if (text === 'Z' || text === 'UTC') return 0;
  const match = /^([+-])(\d{2}):?(\d{2})$/.exec(text);
  if (!match) return undefined;
  const [hours, minutes] = [Number(match[2]), Number(match[3])];
  if (hours > 23 || minutes > 59) return undefined;
  return (match[1] === '-' ? -1 : 1) * (hours * 60 + minutes);
}

const FIELD = /yyyy|MM|dd|HH|mm|ss|SSS|XXX|'[^']*'/g;

/** Writes a time by a pattern of `yyyy MM dd HH mm ss SSS XXX` (offset); text in single quotes stays as it is. */
export function formatTime(ms: number, pattern: string, offsetMinutes: number): string {
  const date = new Date(ms + offsetMinutes * 60_000);
  const two = (value: number): string => String(value).padStart(2, '0');
  return pattern.replaceAll(FIELD, (field) => {
    switch (field) {
      case 'yyyy':
        return String(date.getUTCFullYear()).padStart(4, '0');
      case 'MM':
        return two(date.getUTCMonth() + 1);
      case 'dd':
        return two(date.getUTCDate());
      case 'HH':
        return two(date.getUTCHours());
      case 'mm':
        return two(date.getUTCMinutes());
      case 'ss':
        return two(date.getUTCSeconds());
      case 'SSS':
        return String(date.getUTCMilliseconds()).padStart(3, '0');
      case 'XXX': {
        const minutes = Math.abs(offsetMinutes);
        return offsetMinutes === 0
          ? 'Z'
          : `${offsetMinutes < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
      }
      default:
        return field.slice(1, -1);
    }
  });
}
