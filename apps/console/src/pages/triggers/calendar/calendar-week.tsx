import { Link } from '@tanstack/react-router';
import { useRef, useState, type KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { dateFormat } from '../../../i18n/formats';
import { cellKey, dayText } from './calendar-days';
import { CalendarCell } from './calendar-cell';
import type { CalendarLook } from './calendar-look';
import classes from './calendar.module.css';
import { nextCell, type CellPlace } from './next-cell';

const HOURS = Array.from({ length: 24 }, (_, hour) => hour);

interface Props {
  readonly days: readonly Date[];
  readonly now: Date;
  readonly look: CalendarLook;
  readonly onOpen: (hour: string) => void;
}

/** Days beside one another, hours below one another. Hours in which no day has anything are low. The arrow keys lead from entry to entry. */
export function CalendarWeek({ days, now, look, onOpen }: Props) {
  const { t, i18n } = useTranslation();
  const table = useRef<HTMLTableElement>(null);
  const filled = HOURS.flatMap((hour) =>
    days.flatMap((day, column) => (look.hours.has(cellKey(day, hour)) ? [{ column, hour }] : [])),
  );
  const [at, setAt] = useState<CellPlace>();
  const current = filled.find(({ column, hour }) => column === at?.column && hour === at.hour) ?? filled[0];
  const move = (event: KeyboardEvent) => {
    const next = current && nextCell(filled, current, event.key);
    if (next === undefined) return;
    event.preventDefault();
    setAt(next);
    table.current?.querySelector<HTMLElement>(`[data-cell="${next.column} ${next.hour}"]`)?.focus();
  };
  const isToday = (day: Date) => dayText(day) === dayText(now);
  return (
    <div className={classes.scroll}>
      <table ref={table} className={classes.week} aria-label={t('triggers.tab.calendar')} onKeyDown={move}>
        <thead>
          <tr>
            <td />
            {days.map((day) => (
              <th key={dayText(day)} scope="col" data-today={isToday(day) || undefined}>
                <Link to="/triggers" search={{ tab: 'calendar', view: 'day', day: dayText(day) }}>
                  {dateFormat(i18n.language, { weekday: 'short', day: 'numeric', month: 'short' }).format(day)}
                </Link>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {HOURS.map((hour) => (
            <tr key={hour} data-quiet={filled.every((one) => one.hour !== hour) || undefined}>
              <th scope="row">{`${String(hour).padStart(2, '0')}:00`}</th>
              {days.map((day, column) => {
                const hours = look.hours.get(cellKey(day, hour));
                const isNow = isToday(day) && hour === now.getHours();
                const isPast = new Date(day.getFullYear(), day.getMonth(), day.getDate(), hour + 1) <= now;
                return (
                  <td key={dayText(day)} data-now={isNow || undefined} data-past={isPast || undefined}>
                    {hours && (
                      <CalendarCell
                        place={{ column, hour }}
                        hours={hours}
                        look={look}
                        isCurrent={current?.column === column && current.hour === hour}
                        onOpen={(opened) => {
                          setAt({ column, hour });
                          onOpen(opened);
                        }}
                      />
                    )}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
