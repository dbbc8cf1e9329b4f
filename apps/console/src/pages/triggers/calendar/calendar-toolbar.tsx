import { ActionIcon, Button, Group, SegmentedControl, Text, TextInput, Title } from '@mantine/core';
import { ChevronLeftIcon, ChevronRightIcon } from '@primer/octicons-react';
import { useTranslation } from 'react-i18next';
import { dateFormat } from '../../../i18n/formats';
import type { TriggersSearch } from '../triggers.search';
import { CALENDAR_VIEWS, daysLater, dayText, type CalendarView } from './calendar-days';
import { viewerZone } from './calendar-text';

interface Props {
  readonly view: CalendarView;
  readonly day: Date;
  readonly days: readonly Date[];
  readonly now: Date;
  readonly go: (change: Partial<TriggersSearch>) => void;
}

/** Which days are shown, and the way to others. */
export function CalendarToolbar({ view, day, days, now, go }: Props) {
  const { t, i18n } = useTranslation();
  const to = (next: Date) => go({ day: dayText(next), hour: undefined });
  const range = dateFormat(i18n.language, { day: 'numeric', month: 'long', year: 'numeric' });
  return (
    <Group justify="space-between" mb="xs" gap="xs">
      <Group gap="xs">
        <ActionIcon
          variant="default"
          size={30}
          aria-label={t(`triggers.calendar.previous.${view}`)}
          disabled={day <= now}
          onClick={() => to(daysLater(day, -days.length))}
        >
          <ChevronLeftIcon />
        </ActionIcon>
        <Button variant="default" onClick={() => go({ day: undefined, hour: undefined })}>
          {t('triggers.calendar.today')}
        </Button>
        <ActionIcon
          variant="default"
          size={30}
          aria-label={t(`triggers.calendar.next.${view}`)}
          onClick={() => to(daysLater(day, days.length))}
        >
          <ChevronRightIcon />
        </ActionIcon>
        <Title order={2} aria-live="polite">
          {range.formatRange(day, days.at(-1) ?? day)}
        </Title>
        <Text c="dimmed">{viewerZone()}</Text>
      </Group>
      <Group gap="xs">
        <TextInput
          type="date"
          aria-label={t('triggers.calendar.day')}
          value={dayText(day)}
          onChange={({ currentTarget }) => currentTarget.value !== '' && go({ day: currentTarget.value })}
        />
        <SegmentedControl
          aria-label={t('triggers.calendar.view')}
          data={CALENDAR_VIEWS.map((value) => ({ value, label: t(`triggers.calendar.${value}`) }))}
          value={view}
          onChange={(next) => go({ view: next })}
        />
      </Group>
    </Group>
  );
}
