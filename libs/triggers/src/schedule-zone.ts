/**
 * A time zone by the tz database that comes with the platform (Intl). Intl tells the offset of an instant; when it changes is found
 * by looking once a day and halving, a stretch of some weeks at a time, and remembered.
 */
export interface Stretch {
  /** In seconds since 1970; the offset is the same from `start` until before `end`. */
  readonly start: number;
  readonly end: number;
  /** Seconds that the clocks are ahead of UTC. */
  readonly offset: number;
  /** The offset right before `start`: less means that clocks were set ahead, more that they were set back. */
  readonly before: number;
}

const DAY = 86_400;
/** A part of the table; each also knows the two days before it, so that an hour that comes twice is never cut. */
const PART = 32 * DAY;
const LEAD = 2 * DAY;
const MOST_PARTS = 2048;
const MOST_ZONES = 1024;

const known = new Map<string, ScheduleZone>();

export class ScheduleZone {
  private readonly parts = new Map<number, readonly Stretch[]>();

  private constructor(
    readonly name: string,
    private readonly format: Intl.DateTimeFormat,
  ) {}

  /** The zone of an IANA name; undefined when there is none. */
  static named(name: string): ScheduleZone | undefined {
    const found = known.get(name);
    if (found) return found;
    // Offsets (+02:00) are no zones: some platforms would take them.
    if (!/^[A-Za-z]/.test(name)) return undefined;
    let format: Intl.DateTimeFormat;
    try {
      format = new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' });
    } catch {
      return undefined;
    }
    if (known.size >= MOST_ZONES) known.clear();
    const zone = new ScheduleZone(name, format);
    known.set(name, zone);
    return zone;
  }

  stretchAt(second: number): Stretch {
    const part = Math.floor(second / PART);
    let stretches = this.parts.get(part);
    if (!stretches) {
      if (this.parts.size >= MOST_PARTS) this.parts.clear();
      stretches = this.look(part * PART - LEAD, (part + 1) * PART);
      this.parts.set(part, stretches);
    }
    const stretch = stretches.find(({ end }) => second < end);
    if (!stretch) throw new RangeError(`The table of ${this.name} has no ${second}.`);
    return stretch;
  }

  /** Wall time (cron-calendar.ts) of an instant, both in seconds. */
  wallAt(second: number): number {
    return second + this.stretchAt(second).offset;
  }

  private look(from: number, to: number): readonly Stretch[] {
    const stretches: Stretch[] = [];
    let [start, offset] = [from, this.offsetAt(from)];
    let before = offset;
    for (let at = from; at < to; at += DAY) {
      const next = Math.min(at + DAY, to);
      const after = this.offsetAt(next);
      if (after === offset) continue;
      const change = this.changeIn(at, next, offset);
      if (change >= to) break;
      stretches.push({ start, end: change, offset, before });
      [start, before, offset] = [change, offset, after];
    }
    stretches.push({ start, end: to, offset, before });
    return stretches;
  }

  private changeIn(from: number, to: number, offset: number): number {
    let [low, high] = [from, to];
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (this.offsetAt(middle) === offset) low = middle;
      else high = middle;
    }
    return high;
  }

  private offsetAt(second: number): number {
    const [, sign, hours, minutes, seconds] =
      /GMT([+-])(\d\d):(\d\d)(?::(\d\d))?$/.exec(this.format.format(second * 1000)) ?? [];
    return (sign === '-' ? -1 : 1) * (Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60 + Number(seconds ?? 0));
  }
}

/** Names of zones that somebody may have meant, best first. */
export function nearZones(name: string, most = 3): readonly string[] {
  const meant = plain(name);
  const city = meant.split('/').at(-1) ?? meant;
  return ['UTC', ...Intl.supportedValuesOf('timeZone')]
    .map((zone) => {
      const text = plain(zone);
      return { zone, far: Math.min(distance(meant, text), distance(city, text.split('/').at(-1) ?? text)) };
    })
    .filter(({ far }) => far <= Math.max(1, Math.floor(city.length / 3)))
    .sort((a, b) => a.far - b.far || (a.zone < b.zone ? -1 : 1))
    .slice(0, most)
    .map(({ zone }) => zone);
}

function plain(name: string): string {
  return name.slice(0, 64).toLowerCase().replaceAll(/[\s-]/g, '_');
}

/** Letters to change, add or take away between two words (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next.push(
        Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)),
      );
    row = next;
  }
  return row[b.length] ?? 0;
}
