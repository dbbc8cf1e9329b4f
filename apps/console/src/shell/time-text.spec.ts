import { exactTime, momentText, relativeTime } from './time-text';

const now = new Date('2026-11-27T12:00:00Z');
const told = (at: string, language = 'en') => relativeTime(new Date(at), now, language);

describe('how long ago', () => {
  it.each([
    ['2026-11-27T11:59:50Z', '10 sec. ago'],
    ['2026-11-27T11:58:01Z', '1 min. ago'],
    ['2026-11-27T14:30:00Z', 'in 2 hr.'],
    ['2026-11-26T11:00:00Z', 'yesterday'],
    ['2024-01-01T00:00:00Z', '2 yr. ago'],
    ['2026-11-27T12:00:00Z', 'now'],
  ])('%s is %s', (at, text) => expect(told(at)).toBe(text));

  it('speaks the language of the viewer', () => expect(told('2026-11-27T11:55:00Z', 'zh')).toBe('5分钟前'));
});

describe('a moment', () => {
  const at = new Date(2026, 10, 27, 0, 5, 9, 42);

  it('is told with the year where it is not this one, and with milliseconds where they count', () => {
    expect(momentText(at, new Date(2026, 0, 1), 'en', false)).toBe('Nov 27, 00:05:09');
    expect(momentText(at, new Date(2027, 0, 1), 'en', false)).toBe('Nov 27, 2026, 00:05:09');
    expect(momentText(at, at, 'zh', true)).toBe('11月27日 00:05:09.042');
  });

  it('is told exactly with its zone, and as the service says it', () => {
    expect(exactTime(now, 'en')).toContain('2026-11-27T12:00:00.000Z');
    expect(exactTime(now, 'en').split('\n')[0]).toMatch(/Friday, November 27, 2026.* (UTC|GMT|[A-Z]+)/);
  });
});
