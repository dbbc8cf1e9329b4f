import { Drawer, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { calendarQuery } from '../../../api/calendar.queries';
import { useTitles } from '../../../api/titles';
import { EmptyNote } from '../../../parts/empty-note';
import { FaultNote } from '../../../parts/fault-note';
import { PageLoading } from '../../../shell/page-loading';
import { dateFormat } from '../../../i18n/formats';
import { clockText } from './calendar-text';
import { HourItems } from './hour-items';

/** What the service tells of one hour at most. */
const MOST = 200;
const HOUR_MS = 3_600_000;

/** Everything that fires in one hour. */
export function HourDrawer({ at, onClose }: { at: string; onClose: () => void }) {
  const { t, i18n } = useTranslation();
  const [from, to] = useMemo(() => [new Date(at), new Date(Date.parse(at) + HOUR_MS)] as const, [at]);
  const { data, error, refetch } = useQuery({ ...calendarQuery(from, to, MOST), placeholderData: undefined });
  const titles = useTitles(useMemo(() => (data?.triggers ?? []).map(({ dagId }) => dagId), [data]));
  const look = { triggers: new Map((data?.triggers ?? []).map((one) => [one.id, one])), titles };
  const [hour] = data?.hours ?? [];
  const day = dateFormat(i18n.language, { weekday: 'long', day: 'numeric', month: 'long' }).format(from);
  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      title={`${day}, ${clockText(from, i18n.language)} – ${clockText(to, i18n.language)}`}
      closeButtonProps={{ 'aria-label': t('parts.close') }}
    >
      {error && <FaultNote error={error} onRetry={() => void refetch()} />}
      {data === undefined && !error && <PageLoading />}
      {data !== undefined && hour === undefined && <EmptyNote title={t('triggers.calendar.nothing')} />}
      {hour && (
        <>
          <Text c="dimmed" mb="xs">
            {t('triggers.calendar.sum', { count: hour.schedules, fires: `${hour.fires}${hour.more ? '+' : ''}` })}
          </Text>
          <HourItems items={hour.items} look={look} />
          {hour.schedules > hour.items.length && (
            <Text c="dimmed" mt="xs">
              {t('triggers.calendar.left', { count: hour.schedules - hour.items.length })}
            </Text>
          )}
        </>
      )}
    </Drawer>
  );
}
