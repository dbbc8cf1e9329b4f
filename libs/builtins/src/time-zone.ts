const formatters = new Map<string, Intl.DateTimeFormat>();
const FIXED = /^([+-])(\d{2}):?(\d{2})$/;

/** Whether the text names a time zone: an IANA name (`Europe/Berlin`), `UTC`, or an offset (`+05:30`). */
export function isTimeZone(zone: string): boolean {
  try {
    offsetMs(zone, 0);
    return true;
  } catch {
    return false;
  }
}

/** Milliseconds that clocks in the zone are ahead of UTC at that moment. Throws a RangeError for an unknown zone. */
export function offsetMs(zone: string, atMs: number): number {
  if (zone === 'UTC' || zone === 'Z') return 0;
  const [, sign, hours, minutes] = FIXED.exec(zone) ?? [];
  if (sign !== undefined) return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
  const parts: Record<string, string> = {};
  for (const { type, value } of formatterOf(zone).formatToParts(atMs)) parts[type] = value;
  const { year, month, day, hour, minute, second } = parts;
  const local = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
  return local - Math.floor(atMs / 1000) * 1000;
}

/**
 * The moment at which clocks in the zone show this local time (given as if it were UTC). Where clocks were put forward over it, the
 * moment as far behind the gap; where they were put back over it, the first of the two.
 */
export function momentOf(zone: string, localMs: number): number {
  const before = localMs - offsetMs(zone, localMs - 86_400_000);
  const after = localMs - offsetMs(zone, localMs + 86_400_000);
  const fits = (ms: number) => ms + offsetMs(zone, ms) === localMs;
  return fits(before) ? before : fits(after) ? after : before;
}

function formatterOf(zone: string): Intl.DateTimeFormat {
  let formatter = formatters.get(zone);
  if (!formatter) {
    formatter = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      calendar: 'gregory',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    if (formatters.size >= 1000) formatters.clear();
    formatters.set(zone, formatter);
  }
  return formatter;
}
