import { relativeTime } from './time-text';

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
