import * as fc from 'fast-check';
import type { RepeatedHour } from './schedule';
import { scheduleOf } from './schedule';
import { fireTimes, nextAfter, previous } from './schedule-times';
import { changesOf, clockOf, firedIn, walkAround, type Walk } from './testing/schedule-model';

/** Zones with clocks of all kinds: half hours, midnight, two hours, Ramadan, the date line, changes for good, and the usual ones. */
const ZONES = [
  'Europe/Berlin',
  'Europe/London',
  'America/New_York',
  'America/Havana',
  'America/Nuuk',
  'America/Santiago',
  'America/Asuncion',
  'America/Whitehorse',
  'Pacific/Easter',
  'Pacific/Norfolk',
  'Pacific/Chatham',
  'Pacific/Fiji',
  'Australia/Lord_Howe',
  'Australia/Sydney',
  'Antarctica/Troll',
  'Antarctica/Casey',
  'Africa/Casablanca',
  'Africa/Cairo',
  'Africa/Juba',
  'Asia/Beirut',
  'Asia/Gaza',
  'Asia/Tehran',
  'Asia/Almaty',
  'Europe/Volgograd',
  'Atlantic/Azores',
];
const minuteOf = (text: string) => Date.parse(text) / 60_000;
const HALF_WALK = 6 * 60;

function walksOf(zone: string, from: string, to: string): readonly Walk[] {
  const clock = clockOf(zone);
  return changesOf(clock, minuteOf(from), minuteOf(to)).map((change) => walkAround(clock, change, HALF_WALK));
}

interface Spec {
  readonly minutes: readonly number[] | '*';
  readonly hours: readonly number[] | '*';
  readonly weekdays: readonly number[] | '*';
  readonly repeatedHour: RepeatedHour;
}

const some = (max: number, most: number) =>
  fc.oneof(fc.constant('*' as const), fc.uniqueArray(fc.integer({ min: 0, max }), { minLength: 1, maxLength: most }));
const specs: fc.Arbitrary<Spec> = fc.record({
  minutes: fc.oneof(some(59, 3), fc.constant([0]), fc.constant([30])),
  // Clocks are set in these hours: they are the ones that matter.
  hours: fc.oneof(some(23, 4), fc.uniqueArray(fc.constantFrom(0, 1, 2, 3, 22, 23), { minLength: 1, maxLength: 4 })),
  weekdays: fc.oneof(fc.constant('*' as const), some(6, 4)),
  repeatedHour: fc.constantFrom('first' as const, 'both' as const),
});

const list = (values: readonly number[] | '*') => (values === '*' ? '*' : values.join(','));
const has = (values: readonly number[] | '*', value: number) => values === '*' || values.includes(value);

function expectModel(zone: string, walk: Walk, spec: Spec): void {
  const { minutes, hours, weekdays, repeatedHour } = spec;
  const cron = `${list(minutes)} ${list(hours)} * * ${list(weekdays)}`;
  const schedule = scheduleOf({ cron, timezone: zone, repeatedHour }, new Date(0));
  const fired = firedIn(walk, {
    rhythm: minutes === '*' || hours === '*',
    both: repeatedHour === 'both',
    matches: (wall) =>
      has(minutes, wall % 60) &&
      has(hours, Math.floor(wall / 60) % 24) &&
      // 1970-01-01 was a Thursday.
      has(weekdays, (Math.floor(wall / 1440) + 4) % 7),
  });
  const [from, to] = [walk.from + 1, walk.from + walk.walls.length].map((minute) => new Date(minute * 60_000));
  const minutesOf = (times: readonly Date[]) => times.map((time) => time.getTime() / 60_000).join(' ');
  const forward = minutesOf([...fireTimes(schedule, from!, to!)]);
  expect(`${cron} ${zone} ${forward}`).toBe(`${cron} ${zone} ${fired.join(' ')}`);

  const backward: Date[] = [];
  for (let at = previous(schedule, to!); at && at >= from!; at = previous(schedule, at)) backward.push(at);
  expect(`${cron} ${zone} ${minutesOf(backward.reverse())}`).toBe(`${cron} ${zone} ${forward}`);
}

describe('around every change of the clocks from 2020 to 2035', () => {
  it.each(ZONES)('%s fires as a walk over every minute says', (zone) => {
    const walks = walksOf(zone, '2020-01-01T00:00Z', '2036-01-01T00:00Z');
    expect(walks.length).toBeGreaterThan(0);
    for (const walk of walks)
      fc.assert(
        fc.property(specs, (spec) => expectModel(zone, walk, spec)),
        { numRuns: 6 },
      );
  });

  it.each([
    ['Pacific/Apia', '2011-12-20T00:00Z', '2012-01-10T00:00Z', 'a day that is left out'],
    ['Pacific/Kwajalein', '1993-08-01T00:00Z', '1993-09-01T00:00Z', 'a day that is left out'],
    ['Pacific/Fakaofo', '2011-12-20T00:00Z', '2012-01-10T00:00Z', 'a day that is left out'],
    ['America/Caracas', '2016-04-20T00:00Z', '2016-05-10T00:00Z', 'half an hour for good'],
    ['Asia/Pyongyang', '2015-08-01T00:00Z', '2018-06-01T00:00Z', 'half an hour back and ahead'],
  ])('%s from %s to %s: %s', (zone, from, to) => {
    const walks = walksOf(zone, from, to);
    expect(walks.length).toBeGreaterThan(0);
    for (const walk of walks)
      fc.assert(
        fc.property(specs, (spec) => expectModel(zone, walk, spec)),
        { numRuns: 40 },
      );
  });
});

describe('any schedule at any instant', () => {
  const instants = fc.date({
    min: new Date('2020-01-01T00:00:00Z'),
    max: new Date('2035-12-31T00:00:00Z'),
    noInvalidDate: true,
  });
  const crons = fc.constantFrom(
    '*/7 * * * *',
    '30 2 * * *',
    '0 0 1 * *',
    '0 0 L * *',
    '15 12 15W * *',
    '0 9 * * FRI#L',
    '5,35 1-3 * * MON-FRI',
    '*/20 */10 3 * * *',
    '0 0 29 2 *',
    '0 0 0 1 1 ? 2030-2040',
    '@every 7m30s',
    '@hourly',
    '0 0 13 * FRI',
    '0 0 13 * +FRI',
  );
  const schedules = fc
    .record({
      cron: crons,
      timezone: fc.constantFrom(...ZONES),
      repeatedHour: fc.constantFrom('first' as const, 'both' as const),
    })
    .map((config) => scheduleOf(config, new Date('2020-01-01T00:00:00Z')));

  it('has its next fire time later, with none between, and the way back leads to the same', () => {
    fc.assert(
      fc.property(schedules, instants, (schedule, instant) => {
        const next = nextAfter(schedule, instant);
        if (!next) return;
        expect(next.getTime()).toBeGreaterThan(instant.getTime());
        expect(previous(schedule, next)?.getTime() ?? -Infinity).toBeLessThanOrEqual(instant.getTime());
        expect(previous(schedule, new Date(next.getTime() + 1))).toEqual(next);
        const middle = new Date((instant.getTime() + next.getTime()) / 2);
        expect(nextAfter(schedule, middle)).toEqual(next);
      }),
      { numRuns: 1000 },
    );
  });

  it('takes no notice of what was asked before', () => {
    fc.assert(
      fc.property(schedules, instants, instants, (schedule, a, b) => {
        const first = nextAfter(schedule, a);
        nextAfter(schedule, b);
        expect(nextAfter(schedule, a)).toEqual(first);
      }),
      { numRuns: 200 },
    );
  });
});
