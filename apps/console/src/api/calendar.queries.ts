import type { AnswerOf } from '@flow/client';
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { call } from './client';
import { TRIGGERS } from './triggers.queries';

export type Calendar = AnswerOf<'GET /triggers/calendar'>;
export type CalendarHour = Calendar['hours'][number];
export type CalendarItem = CalendarHour['items'][number];
export type CalendarTrigger = Calendar['triggers'][number];

/** What fires in [from, to), hour by hour; of each hour so many schedules by themselves. */
export const calendarQuery = (from: Date, to: Date, perHour: number) =>
  queryOptions({
    queryKey: [...TRIGGERS, 'calendar', from.toISOString(), to.toISOString(), perHour],
    queryFn: ({ signal }) =>
      call(
        'GET /triggers/calendar',
        { query: { from: from.toISOString(), to: to.toISOString(), perHour } },
        { signal },
      ),
    refetchInterval: 60_000,
    placeholderData: keepPreviousData,
  });
