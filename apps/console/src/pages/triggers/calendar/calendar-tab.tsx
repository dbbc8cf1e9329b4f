import { Alert, Text } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { calendarQuery } from '../../../api/calendar.queries';
import { useTitles } from '../../../api/titles';
import { EmptyNote } from '../../../parts/empty-note';
import { FaultNote } from '../../../parts/fault-note';
import { PageLoading } from '../../../shell/page-loading';
import { exactTime } from '../../../shell/time-text';
import type { TriggersSearch } from '../triggers.search';
import { byDayAndHour, dayOf, daysLater, daysOf, midnightOf } from './calendar-days';
import { CalendarDay } from './calendar-day';
import { CalendarToolbar } from './calendar-toolbar';
import { CalendarWeek } from './calendar-week';
import { HourDrawer } from './hour-drawer';
import type { CalendarLook } from './calendar-look';

const route = getRouteApi('/console/triggers');
/** Of an hour; a cell of the week shows three of them. */
const PER_HOUR = { week: 4, day: 50 } as const;

/** What fires when, by the viewer's clock. The address says which days, and which hour is open. */
export function CalendarTab() {
  const { t, i18n } = useTranslation();
  const navigate = useNavigate();
  const search = route.useSearch();
  const isNarrow = useMediaQuery('(max-width: 48em)', false, { getInitialValueInEffect: false });
  const view = search.view ?? (isNarrow ? 'day' : 'week');
  const now = new Date();
  const day = (search.day === undefined ? undefined : dayOf(search.day)) ?? midnightOf(now);
  const days = daysOf(view, day);
  const end = daysLater(day, days.length);
  const { data, error, refetch, isPlaceholderData } = useQuery(calendarQuery(day, end, PER_HOUR[view]));
  const titles = useTitles(useMemo(() => (data?.triggers ?? []).map(({ dagId }) => dagId), [data]));
  const look = useMemo(
    (): CalendarLook => ({
      hours: byDayAndHour(data?.hours ?? []),
      triggers: new Map((data?.triggers ?? []).map((trigger) => [trigger.id, trigger])),
      titles,
    }),
    [data, titles],
  );
  const go = (change: Partial<TriggersSearch>) =>
    void navigate({ to: '/triggers', search: { tab: 'calendar', day: search.day, view: search.view, ...change } });
  const open = (hour: string) => go({ hour });
  const isOver = end <= now;
  const completeUntil = data?.completeUntil ?? null;
  const isEmpty = data !== undefined && !isPlaceholderData && data.hours.length === 0;
  return (
    <section aria-label={t('triggers.tab.calendar')} aria-busy={isPlaceholderData}>
      <CalendarToolbar view={view} day={day} days={days} now={now} go={go} />
      {error && <FaultNote error={error} onRetry={() => void refetch()} />}
      {completeUntil !== null && (
        <Alert color="yellow" mb="xs">
          {t('triggers.calendar.incomplete', { at: exactTime(new Date(completeUntil), i18n.language) })}
        </Alert>
      )}
      {data === undefined && !error && <PageLoading />}
      {isEmpty && (
        <EmptyNote
          title={t(isOver ? 'triggers.calendar.over' : 'triggers.calendar.none')}
          text={t(isOver ? 'triggers.calendar.overText' : 'triggers.calendar.noneText')}
        />
      )}
      {data !== undefined && !isEmpty && view === 'week' && (
        <CalendarWeek days={days} now={now} look={look} onOpen={open} />
      )}
      {data !== undefined && !isEmpty && view === 'day' && <CalendarDay day={day} look={look} onOpen={open} />}
      {!isEmpty && (
        <Text c="dimmed" mt="xs">
          {t('triggers.calendar.hint')}
        </Text>
      )}
      {search.hour !== undefined && <HourDrawer at={search.hour} onClose={() => go({ hour: undefined })} />}
    </section>
  );
}
