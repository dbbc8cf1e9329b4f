import { DAY, atOrAfter, matches } from './cron-calendar';
import type { Schedule } from './schedule';
import { missingWall } from './schedule-times';
import type { ScheduleZone, Stretch } from './schedule-zone';

/** `2026-03-29T03:00:00+02:00`: what the clocks of the zone show. */
export function localText(zone: ScheduleZone, at: Date): string {
  const second = Math.floor(at.getTime() / 1000);
  const { offset } = zone.stretchAt(second);
  const [sign, ahead] = [offset < 0 ? '-' : '+', Math.abs(offset)];
  const parts = [Math.floor(ahead / 3600), Math.floor(ahead / 60) % 60, ahead % 60].map(twoDigits);
  return `${wallText(second + offset)}${sign}${(ahead % 60 === 0 ? parts.slice(0, 2) : parts).join(':')}`;
}

/** What the clocks do around a fire time, in words; undefined when they do nothing that matters to it. */
export function clockNote(schedule: Schedule, at: Date): string | undefined {
  const { cron, zone } = schedule;
  if (cron.kind === 'every') return undefined;
  const second = Math.floor(at.getTime() / 1000);
  const stretch = zone.stretchAt(second);
  const wall = second + stretch.offset;
  const missing = second === stretch.start && !cron.rhythm ? missingWall(cron.calendar, stretch) : undefined;
  if (missing !== undefined) {
    const several = (atOrAfter(cron.calendar, missing + 1) ?? Infinity) < wall;
    const [gone, shown] = shortTexts(missing, wall);
    return `the clock is set ahead: ${gone}${several ? ' and others' : ''} ${several ? 'do' : 'does'} not exist, fires at ${shown}`;
  }
  if (!matches(cron.calendar, wall)) return undefined;
  const both = cron.rhythm || schedule.repeatedHour === 'both';
  const [shown] = shortTexts(wall, wall);
  if (stretch.offset < stretch.before && wall < stretch.start + stretch.before)
    return `the clock is set back: ${shown} comes twice, this is the second`;
  if (!comesAgain(zone, stretch, wall, second)) return undefined;
  return `the clock is set back: ${shown} comes twice, ${both ? 'this is the first' : 'fires at the first only'}`;
}

/** Whether the clocks will show this wall time once more. */
function comesAgain(zone: ScheduleZone, stretch: Stretch, wall: number, second: number): boolean {
  for (let next = stretch; next.start <= second + DAY; next = zone.stretchAt(next.end))
    if (next.start > second && next.offset < next.before && wall >= next.start + next.offset) return true;
  return false;
}

/** Two wall times as short as can be: with their dates only when these differ, with seconds only when there are some. */
function shortTexts(a: number, b: number): readonly [string, string] {
  const [textA, textB] = [wallText(a), wallText(b)];
  const sameDay = textA.slice(0, 10) === textB.slice(0, 10);
  const short = (text: string) => (sameDay ? text.slice(11) : text.replace('T', ' ')).replace(/(\d\d:\d\d):00$/, '$1');
  return [short(textA), short(textB)];
}

function wallText(wall: number): string {
  return new Date(wall * 1000).toISOString().slice(0, 19);
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
