import { LogBuffer, MOST_CHARACTERS, MOST_LINES, linesThat, type LogLine } from './log-buffer';

const line = (n: number, more: Partial<LogLine> = {}): LogLine => ({
  id: String(n),
  type: 'log.line',
  seq: 1,
  at: '2026-01-01T00:00:00.000Z',
  level: 'info',
  message: `line ${n}`,
  taskId: 't',
  stepId: 's',
  path: 's',
  attempt: 1,
  ...more,
});

describe('lines that are kept', () => {
  it('are the last ones, and how many are left out is known', () => {
    const buffer = new LogBuffer();
    for (let n = 0; n < MOST_LINES + 700; n += 100) buffer.take(Array.from({ length: 100 }, (_, i) => line(n + i)));
    expect([buffer.lines.length, buffer.leftOut]).toEqual([MOST_LINES, 700]);
    expect([buffer.lines[0]?.id, buffer.lines.at(-1)?.id]).toEqual(['700', String(MOST_LINES + 699)]);
  });

  it('are fewer where they are long, and never none', () => {
    const buffer = new LogBuffer();
    const long = 'x'.repeat(MOST_CHARACTERS / 4);
    for (let n = 0; n < 10; n += 1) buffer.take([line(n, { message: long })]);
    expect([buffer.lines.length, buffer.leftOut]).toEqual([4, 6]);
    buffer.take([line(10, { message: 'x'.repeat(MOST_CHARACTERS + 1) })]);
    expect([buffer.lines.length, buffer.leftOut]).toEqual([1, 10]);
  });

  it('are found by level and by text, in the fields too', () => {
    const lines = [line(1), line(2, { level: 'error', message: 'Refused' }), line(3, { fields: { host: 'Example' } })];
    expect(linesThat(lines, 'debug', ' EXAMPLE ').map(({ id }) => id)).toEqual(['3']);
    expect(linesThat(lines, 'warn', '').map(({ id }) => id)).toEqual(['2']);
    expect(linesThat(lines, 'debug', 'line').map(({ id }) => id)).toEqual(['1', '3']);
  });
});
