import type { Schedule } from './schedule';
import { clockNote, localText } from './schedule-clock';
import { nextAfter } from './schedule-times';

export interface PreviewItem {
  /** RFC 3339 in UTC. */
  readonly at: string;
  /** The same instant in the zone of the schedule, with its offset. */
  readonly local: string;
  readonly note?: string;
}

/** The next `n` fire times after an instant, as people want to see them; fewer when there are fewer. */
export function preview(schedule: Schedule, from: Date, n: number): readonly PreviewItem[] {
  const items: PreviewItem[] = [];
  for (let at = nextAfter(schedule, from); at && items.length < n; at = nextAfter(schedule, at)) {
    const note = clockNote(schedule, at);
    items.push({ at: utcText(at), local: localText(schedule.zone, at), ...(note !== undefined && { note }) });
  }
  return items;
}

function utcText(at: Date): string {
  return at.toISOString().replace('.000Z', 'Z');
}
