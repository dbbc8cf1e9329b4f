/**
 * What fires, worked out another way than the lib does it: every minute of UTC is walked and shown as the clocks of the zone show it,
 * and a minute fires when the rules of docs/schedules.md say so. Slow, and simple enough to be believed.
 */
export interface ModelRule {
  /** Whether the minute that clocks show (minutes since 1970 on them) is one of the expression's. */
  readonly matches: (wallMinute: number) => boolean;
  readonly rhythm: boolean;
  readonly both: boolean;
}

export interface Walk {
  /** The first minute of UTC. */
  readonly from: number;
  /** What clocks show in each minute from there on. */
  readonly walls: readonly number[];
}

export function clockOf(zone: string): (minute: number) => number {
  const format = new Intl.DateTimeFormat('sv-SE', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  return (minute) => Date.parse(`${format.format(minute * 60_000).replace(' ', 'T')}Z`) / 60_000;
}

/** Minutes of UTC at which clocks are set in [from, to). */
export function changesOf(clock: (minute: number) => number, from: number, to: number): readonly number[] {
  const changes: number[] = [];
  const ahead = (minute: number) => clock(minute) - minute;
  for (let at = from; at < to; at += 720) {
    let [low, high] = [at, at + 720];
    if (ahead(low) === ahead(high)) continue;
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (ahead(middle) === ahead(low)) low = middle;
      else high = middle;
    }
    changes.push(high);
  }
  return changes;
}

export function walkAround(clock: (minute: number) => number, change: number, minutes: number): Walk {
  const from = change - minutes;
  return { from, walls: Array.from({ length: 2 * minutes }, (_, i) => clock(from + i)) };
}

/** Fire times of a walk in minutes of UTC; of its first minute nobody knows what came before it. */
export function firedIn({ from, walls }: Walk, { matches, rhythm, both }: ModelRule): readonly number[] {
  const fired: number[] = [];
  let shown = walls[0] ?? 0;
  for (const [i, wall] of walls.entries()) {
    if (i === 0) continue;
    const again = wall <= shown;
    const missed = () => Array.from({ length: Math.max(0, wall - shown - 1) }, (_, k) => shown + 1 + k).some(matches);
    const fires = again ? (rhythm || both) && matches(wall) : matches(wall) || (!rhythm && missed());
    if (fires) fired.push(from + i);
    shown = Math.max(shown, wall);
  }
  return fired;
}
