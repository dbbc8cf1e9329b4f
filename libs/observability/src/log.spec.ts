import { createLog, nestLog } from './log';
import { prettyLine } from './pretty-lines';

function recording() {
  const lines: string[] = [];
  return { lines, destination: { write: (line: string) => void lines.push(line) } };
}

describe('The log', () => {
  it('writes one JSON object a line', () => {
    const { lines, destination } = recording();
    createLog({ level: 'info', format: 'json', destination }).info({ dagId: '01A' }, 'saved');
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0]!)).toMatchObject({ level: 'info', msg: 'saved', dagId: '01A' });
    expect(Date.parse((JSON.parse(lines[0]!) as { time: string }).time)).not.toBeNaN();
  });

  it('leaves out what is less urgent than its level', () => {
    const { lines, destination } = recording();
    const log = createLog({ level: 'warn', format: 'json', destination });
    log.info('no');
    log.warn('yes');
    expect(lines).toHaveLength(1);
    expect(log.isLevelEnabled('debug')).toBe(false);
  });

  it('masks fields that hold secrets', () => {
    const { lines, destination } = recording();
    const log = createLog({ level: 'info', format: 'json', destination });
    log.info(
      { authorization: 'Bearer abc', headers: { authorization: 'Bearer abc' }, settings: { adminToken: 'abc' } },
      'x',
    );
    log.info({ request: { headers: { cookie: 'abc' } }, reply: { headers: { 'set-cookie': 'abc' } } }, 'x');
    log.info({ 'set-cookie': 'abc', headers: { 'set-cookie': ['abc'] } }, 'x');
    expect(lines.join()).not.toContain('abc');
  });

  it('keeps the stack of an error', () => {
    const { lines, destination } = recording();
    createLog({ level: 'info', format: 'json', destination }).error({ err: new Error('broken') }, 'failed');
    const { err } = JSON.parse(lines[0]!) as { err: { message: string; stack: string } };
    expect(err.message).toBe('broken');
    expect(err.stack).toContain('log.spec');
  });

  it('writes lines for people too', () => {
    const { lines, destination } = recording();
    createLog({ level: 'info', format: 'pretty', destination }).info({ port: 8082, at: 'a b' }, 'listening');
    expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d\.\d{3} INFO {2}listening port=8082 at="a b"\n$/);
    const time = '2026-01-01T00:00:00.000Z';
    expect(prettyLine(JSON.stringify({ time, level: 'error', msg: 'x', err: { stack: 'Error: a\n  at b' } }))).toBe(
      '00:00:00.000 ERROR x\n    Error: a\n      at b\n',
    );
    const forged = prettyLine(
      JSON.stringify({
        time,
        level: 'info',
        msg: 'a\n00:00:00.000 INFO  b\u001b[2J',
        at: '\u001b[31m',
        err: { message: 'c\r\u009bd' },
      }),
    );
    expect(forged).toBe(
      '00:00:00.000 INFO  a\\u000a00:00:00.000 INFO  b\\u001b[2J at="\\u001b[31m"\n    c\\u000d\\u009bd\n',
    );
  });

  it('takes what Nest says', () => {
    const { lines, destination } = recording();
    nestLog(createLog({ level: 'info', format: 'json', destination })).log('Started', 'NestApplication');
    expect(JSON.parse(lines[0]!)).toMatchObject({ level: 'info', msg: 'Started', context: 'NestApplication' });
  });
});
