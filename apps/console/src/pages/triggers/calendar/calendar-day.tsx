import { Button, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { cellKey } from './calendar-days';
import type { CalendarLook } from './calendar-look';
import { clockText } from './calendar-text';
import classes from './calendar.module.css';
import { HourItems } from './hour-items';

interface Props {
  readonly day: Date;
  readonly look: CalendarLook;
  readonly onOpen: (hour: string) => void;
}

/** One day from top to bottom: the hours in which something fires. */
export function CalendarDay({ day, look, onOpen }: Props) {
  const { t, i18n } = useTranslation();
  const hours = Array.from({ length: 24 }, (_, hour) => look.hours.get(cellKey(day, hour)) ?? []).flat();
  return (
    <ol className={classes.day}>
      {hours.map(({ at, schedules, items }) => (
        <li key={at}>
          <Title order={3}>
            <time dateTime={at}>{clockText(at, i18n.language)}</time>
          </Title>
          <div>
            <HourItems items={items} look={look} />
            {schedules > items.length && (
              <Button variant="subtle" size="compact-xs" onClick={() => onOpen(at)}>
                {t('triggers.calendar.others', { count: schedules - items.length })}
              </Button>
            )}
          </div>
        </li>
      ))}
    </ol>
  );
}
