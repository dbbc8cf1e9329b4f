import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { CalendarItem } from '../../../api/calendar.queries';
import { titleOf, type CalendarLook } from './calendar-look';
import { countText, timesText, viewerZone } from './calendar-text';
import classes from './calendar.module.css';

interface Props {
  readonly items: readonly CalendarItem[];
  readonly look: Pick<CalendarLook, 'triggers' | 'titles'>;
}

/** Schedules of an hour with their exact times, by the viewer's clock and by their own. */
export function HourItems({ items, look }: Props) {
  const { t, i18n } = useTranslation();
  return (
    <ul className={classes.items}>
      {items.map((item) => {
        const { dagId = '', name, description, timezone } = look.triggers.get(item.triggerId) ?? {};
        return (
          <li key={`${item.triggerId} ${item.times[0] ?? ''}`}>
            <div className={classes.itemHead}>
              <span className="mono">
                {countText(item) !== '' && <b>{countText(item)} </b>}
                {timesText(item, i18n.language)}
              </span>
              <Link to="/dags/$dagId" params={{ dagId }} search={{ tab: 'triggers' }}>
                {titleOf(look, item.triggerId)}
              </Link>
              {name !== undefined && name !== '' && <span>{name}</span>}
              <span className="dim">{description}</span>
            </div>
            {timezone !== undefined && timezone !== viewerZone() && (
              <div className="dim">
                {t('triggers.calendar.there', { zone: timezone, times: timesText(item, i18n.language, timezone) })}
              </div>
            )}
            {item.note !== undefined && <div className={classes.note}>{item.note}</div>}
          </li>
        );
      })}
    </ul>
  );
}
