import { byDayAndHour, dayOf, daysLater, daysOf, dayText } from './calendar-days';

describe('days of the calendar', () => {
  it('are read from the address, and nothing else is', () => {
    expect(dayText(dayOf('2026-02-28') ?? new Date(0))).toBe('2026-02-28');
    for (const text of ['2026-02-30', '2026-2-3', 'today', '']) expect(dayOf(text)).toBeUndefined();
  });

  it('make a week from any day on', () => {
    const week = daysOf('week', new Date(2026, 10, 20));
    expect(week.map(dayText)).toEqual([20, 21, 22, 23, 24, 25, 26].map((date) => `2026-11-${date}`));
    expect(daysOf('day', new Date(2026, 10, 27)).map(dayText)).toEqual(['2026-11-27']);
  });

  it('follow one another at midnight, over the ends of months and years', () => {
    expect(dayText(daysLater(new Date(2026, 11, 31), 1))).toBe('2027-01-01');
    for (let day = new Date(2026, 0, 1); day.getFullYear() === 2026; day = daysLater(day, 1))
      expect([day.getMinutes(), daysLater(daysLater(day, 1), -1).getTime()]).toEqual([0, day.getTime()]);
  });

  it('hold hours by the clock of the viewer', () => {
    const at = new Date(2026, 10, 27, 9, 0).toISOString();
    const found = byDayAndHour([{ at }, { at: new Date(2026, 10, 28, 0, 0).toISOString() }]);
    expect([...found.keys()]).toEqual(['2026-11-27 9', '2026-11-28 0']);
    expect(found.get('2026-11-27 9')).toEqual([{ at }]);
  });
});
