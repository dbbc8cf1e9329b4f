import { bodyOf, configOf, draftOf, faultAt, newDraft, valueAt, withValue } from './trigger-draft';

const standing = {
  kind: 'cron' as const,
  name: 'nightly',
  enabled: false,
  config: { cron: '0 2 * * *', overlap: 'queueOne' },
  input: { day: '{{event.time}}' },
  filter: null,
  dedupeKey: null,
  concurrency: { max: 1, onFull: 'queueOne' },
};
const draft = (change: object = {}) => draftOf({ ...standing, ...change });

describe('a trigger while it is written', () => {
  it('is sent as it stood when nothing was changed', () => {
    const { concurrency: _follows, ...same } = standing;
    expect(bodyOf(draft())).toEqual({ body: { ...same, concurrency: null }, faults: [] });
    const limited = { config: { cron: '0 2 * * *' }, concurrency: { max: 3, onFull: 'reject' } };
    expect(bodyOf(draft(limited)).body).toMatchObject(limited);
  });

  it('begins with what its kind needs', () => {
    expect(bodyOf(newDraft('cron', 'Asia/Tokyo')).body).toMatchObject({
      kind: 'cron',
      enabled: true,
      config: { cron: '0 6 * * *', timezone: 'Asia/Tokyo' },
      input: null,
      filter: null,
    });
  });

  it('tells what is no JSON object at its place', () => {
    const { faults } = bodyOf({ ...draft(), config: '{', input: '[1]' });
    expect(faults.map(({ pointer }) => pointer)).toEqual(['/config', '/input']);
    expect(configOf({ config: '{' })).toBeUndefined();
    expect(configOf({ config: '' })).toEqual({});
  });
});

describe('fields of a config', () => {
  const config = { cron: '@daily', missed: { policy: 'all', window: 'PT1H' }, exclude: ['2026-12-25'] };

  it('read it and write into it, and leave the rest as it is', () => {
    expect(valueAt(config, ['missed', 'policy'])).toBe('all');
    expect(valueAt(config, ['signature', 'preset'])).toBeUndefined();
    expect(Object.keys(withValue(config, ['cron'], '@hourly'))).toEqual(['cron', 'missed', 'exclude']);
    expect(withValue(config, ['missed', 'policy'], 'none')).toEqual({
      ...config,
      missed: { policy: 'none', window: 'PT1H' },
    });
    expect(withValue({}, ['rateLimit', 'max'], 5)).toEqual({ rateLimit: { max: 5 } });
  });

  it('leave out what is nothing', () => {
    expect(withValue(config, ['exclude'], [])).toEqual({ cron: '@daily', missed: config.missed });
    expect(withValue({ rateLimit: { max: 5 } }, ['rateLimit', 'max'], '')).toEqual({});
  });

  it('show the faults of their places', () => {
    const faults = [
      { pointer: '/config/exclude/0', code: 'a', message: 'no date' },
      { pointer: '/config/excluded', code: 'b', message: 'unknown' },
    ];
    expect(faultAt(faults, '/config/exclude')).toBe('no date');
    expect(faultAt(faults, '/config/cron')).toBeUndefined();
  });
});
