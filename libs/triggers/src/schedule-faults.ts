import type { Fault } from '@flow/kernel';
import { readSchedule, type Schedule } from './schedule';
import { nextAfter } from './schedule-times';

/** All faults of what is sent in the place of a schedule that is to be saved: wrong fields, and one that would never fire. */
export function scheduleFaults(
  sent: Readonly<Record<string, unknown>>,
  { createdAt, now }: { readonly createdAt: Date; readonly now: Date },
): readonly Fault[] {
  const read = readSchedule(sent, createdAt);
  return 'zone' in read ? fireFaults(read, now) : read;
}

/** The fault of a schedule that has no fire time after now, with the field that takes it away. */
function fireFaults(schedule: Schedule, now: Date): readonly Fault[] {
  if (nextAfter(schedule, now)) return [];
  const fault = (pointer: string, message: string) => [{ pointer, code: 'schedule.never_fires', message }];
  const open = { ...schedule, exclusions: [] };
  if (nextAfter(open, now))
    return fault('/exclude', 'It never fires: "exclude" takes all its times away. Exclude less.');
  if (schedule.end * 1000 <= now.getTime()) return fault('/endAt', 'It never fires: "endAt" has passed.');
  const endless = { ...open, end: Infinity };
  if (nextAfter(endless, now)) return fault('/endAt', 'It never fires: there is no fire time before "endAt".');
  return fault(
    '/cron',
    'It never fires: no day to come fits the cron expression (like 30 February, or a year that is over).',
  );
}
