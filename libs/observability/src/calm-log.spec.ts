import { AppError } from '@flow/kernel';
import { FixedClock } from '@flow/testing/kernel';
import { CALM_MS, CalmLog } from './calm-log';

class Away extends AppError {
  readonly kind = 'unavailable';
  readonly code: string;
  constructor(code: string) {
    super(`${code} does not answer.`);
    this.code = code;
  }
}

function aLog() {
  const clock = new FixedClock();
  const lines: [level: string, facts: object, message: string][] = [];
  const counted: string[] = [];
  const to = (level: string) => (facts: object, message: string) => void lines.push([level, facts, message]);
  const log = new CalmLog(
    { debug: to('debug'), info: to('info'), warn: to('warn'), error: to('error'), isLevelEnabled: () => true },
    clock,
    ({ code }) => counted.push(code),
  );
  return { clock, lines, counted, log };
}

describe('CalmLog', () => {
  it('tells of a store that is away once a minute for each kind of trouble, without a stack, and counts all', async () => {
    const { clock, lines, counted, log } = aLog();
    for (let i = 0; i < 300; i += 1) {
      log.error({ err: new Away('mongodb') }, 'a write failed');
      if (i % 2 === 0) log.warn({ err: new Away('redis'), check: 'redis' }, 'a request was refused');
      await clock.advance(CALM_MS / 150);
    }
    expect(lines).toEqual([
      ['warn', { code: 'mongodb', detail: 'mongodb does not answer.' }, 'a write failed'],
      ['warn', { check: 'redis', code: 'redis', detail: 'redis does not answer.' }, 'a request was refused'],
      ['warn', { code: 'mongodb', detail: 'mongodb does not answer.', more: 149 }, 'a write failed'],
      ['warn', { check: 'redis', code: 'redis', detail: 'redis does not answer.', more: 74 }, 'a request was refused'],
    ]);
    expect(counted).toHaveLength(450);
  });

  it('lets everything else pass as it is', () => {
    const { lines, counted, log } = aLog();
    const bug = new TypeError('a bug');
    for (let i = 0; i < 2; i += 1) log.error({ err: bug, path: 'a' }, 'an operator broke');
    log.info({ n: 1 }, 'stopping');
    expect(lines).toEqual([
      ['error', { err: bug, path: 'a' }, 'an operator broke'],
      ['error', { err: bug, path: 'a' }, 'an operator broke'],
      ['info', { n: 1 }, 'stopping'],
    ]);
    expect(counted).toEqual([]);
  });
});
