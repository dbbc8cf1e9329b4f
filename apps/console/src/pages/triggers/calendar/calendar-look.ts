import type { CalendarHour, CalendarTrigger } from '../../../api/calendar.queries';

/** What is known of the days that are shown. */
export interface CalendarLook {
  /** By day and hour of the viewer's clock: `cellKey`. */
  readonly hours: ReadonlyMap<string, readonly CalendarHour[]>;
  readonly triggers: ReadonlyMap<string, CalendarTrigger>;
  /** Of DAGs. */
  readonly titles: ReadonlyMap<string, string>;
}

/** What an entry is called: its DAG. */
export function titleOf({ triggers, titles }: Pick<CalendarLook, 'triggers' | 'titles'>, triggerId: string): string {
  const dagId = triggers.get(triggerId)?.dagId ?? '';
  return titles.get(dagId) ?? dagId;
}
