import { UnstyledButton } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { CalendarHour } from '../../../api/calendar.queries';
import { titleOf, type CalendarLook } from './calendar-look';
import { clockText, countText, timesText } from './calendar-text';
import classes from './calendar.module.css';
import type { CellPlace } from './next-cell';

const SHOWN = 3;

interface Props {
  readonly place: CellPlace;
  /** More than one where the clock shows an hour twice. */
  readonly hours: readonly CalendarHour[];
  readonly look: CalendarLook;
  /** The one of the week that Tab leads to. */
  readonly isCurrent: boolean;
  readonly onOpen: (hour: string) => void;
}

/** An hour of a day: what fires seldom by its time, what fires often by how often, and how many others. It opens the hour. */
export function CalendarCell({ place, hours, look, isCurrent, onOpen }: Props) {
  const { t, i18n } = useTranslation();
  const items = hours.flatMap(({ items: found }) => found);
  const schedules = hours.reduce((sum, one) => sum + one.schedules, 0);
  const shown = items.slice(0, schedules > SHOWN ? SHOWN - 1 : SHOWN);
  return (
    <UnstyledButton
      className={classes.cell}
      data-cell={`${place.column} ${place.hour}`}
      tabIndex={isCurrent ? 0 : -1}
      onClick={() => hours[0] && onOpen(hours[0].at)}
    >
      {shown.map((item) => {
        const { name } = look.triggers.get(item.triggerId) ?? {};
        const title = titleOf(look, item.triggerId);
        const times = timesText(item, i18n.language);
        return (
          <span
            key={`${item.triggerId} ${item.times[0] ?? ''}`}
            className={classes.entry}
            data-often={item.count > 1 || undefined}
            title={[`${title}${name ? ` · ${name}` : ''}`, times, item.note].filter(Boolean).join('\n')}
          >
            <b>{countText(item) || clockText(item.times[0] ?? '', i18n.language)}</b> {title}
            {item.note !== undefined && ' *'}
          </span>
        );
      })}
      {schedules > shown.length && (
        <span className={classes.others}>{t('triggers.calendar.others', { count: schedules - shown.length })}</span>
      )}
    </UnstyledButton>
  );
}
