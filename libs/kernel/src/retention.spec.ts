import { keepingMs, keptMs, retentionFaults } from './retention';

const DAY = 86_400_000;

describe('how long something is kept', () => {
  it.each([
    ['P30D', 30 * DAY],
    ['PT1H', 3_600_000],
    ['forever', Infinity],
    ['never', undefined],
    ['30', undefined],
    ['', undefined],
  ])('reads %j as %p', (text, ms) => {
    expect(keepingMs(text)).toBe(ms);
  });

  it.each([
    ['P30D', []],
    ['forever', []],
    [{ succeeded: 'PT1M', failed: 'forever', cancelled: 'P1D' }, []],
    ['PT59S', ['retention.too_short /retention']],
    [30, ['field.invalid /retention']],
    [null, ['field.invalid /retention']],
    [{}, ['field.invalid /retention']],
    [['P1D'], ['field.invalid /retention']],
    [
      { failed: 'P0D', done: 'P1D', cancelled: 1 },
      ['retention.too_short /retention/failed', 'field.unknown /retention/done', 'field.invalid /retention/cancelled'],
    ],
  ])('finds in %j the faults %j', (sent, faults) => {
    expect(retentionFaults(sent as never, '/retention').map(({ code, pointer }) => `${code} ${pointer}`)).toEqual(
      faults,
    );
  });

  it('is what the first one says that says something about such an end', () => {
    expect(keptMs('failed', [{ failed: 'P1D' }, 'P2D'])).toBe(DAY);
    expect(keptMs('succeeded', [{ failed: 'P1D' }, 'P2D'])).toBe(2 * DAY);
    expect(keptMs('succeeded', [undefined, { succeeded: 'forever' }, 'P2D'])).toBe(Infinity);
    expect(keptMs('cancelled', [undefined, { failed: 'P1D' }])).toBeUndefined();
  });
});
