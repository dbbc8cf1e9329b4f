import fc from 'fast-check';
import { rateMeterContract } from '@flow/testing/kernel';
import { MemoryRateMeter, type Rate } from './rate-meter';

class Ticking {
  now = 1_000;
  monotonicMs(): number {
    return this.now;
  }
}

const rate = fc.record({
  max: fc.integer({ min: 1, max: 20 }),
  perMs: fc.integer({ min: 1, max: 10_000 }),
  burst: fc.integer({ min: 1, max: 20 }),
});
const pauses = fc.array(fc.integer({ min: 0, max: 2_000 }), { maxLength: 200 });

rateMeterContract('MemoryRateMeter', async () => {
  const clock = new Ticking();
  return {
    meter: new MemoryRateMeter(clock),
    wait: async (ms) => {
      clock.now += ms;
    },
    close: () => undefined,
  };
});

describe('a meter of rates', () => {
  it('lets through a burst, then one whenever the bucket has filled by one', () => {
    const clock = new Ticking();
    const meter = new MemoryRateMeter(clock);
    const three = { max: 3, perMs: 3_000, burst: 2 };
    expect([meter.take('a', three), meter.take('a', three), meter.take('a', three)]).toEqual([
      { isWithin: true, remaining: 1, resetMs: 1_000 },
      { isWithin: true, remaining: 0, resetMs: 2_000 },
      { isWithin: false, remaining: 0, resetMs: 2_000, retryAfterMs: 1_000 },
    ]);
    expect(meter.take('b', three).isWithin).toBe(true);
    clock.now += 999;
    expect(meter.take('a', three)).toMatchObject({ isWithin: false, retryAfterMs: 1 });
    clock.now += 1;
    expect(meter.take('a', three).isWithin).toBe(true);
    meter.giveBack('a', three);
    expect([meter.take('a', three).isWithin, meter.take('a', three).isWithin]).toEqual([true, false]);
  });

  it('never lets through more than the burst and what has flowed in since, in any stretch of time', () => {
    fc.assert(
      fc.property(rate, pauses, (given, steps) => {
        const clock = new Ticking();
        const meter = new MemoryRateMeter(clock);
        const taken: number[] = [];
        for (const pause of steps) {
          clock.now += pause;
          if (meter.take('k', given).isWithin) taken.push(clock.now);
        }
        taken.forEach((from, i) =>
          taken.slice(i).forEach((to, more) => {
            const most = given.burst + ((to - from) * given.max) / given.perMs;
            expect(more + 1).toBeLessThanOrEqual(most + 1e-3);
          }),
        );
      }),
    );
  });

  it('lets through whoever comes when it was told to, and not before', () => {
    fc.assert(
      fc.property(rate, pauses, (given, steps) => {
        const clock = new Ticking();
        const meter = new MemoryRateMeter(clock);
        for (const pause of steps) {
          clock.now += pause;
          const metered = meter.take('k', given);
          if (metered.isWithin) continue;
          const at = clock.now;
          clock.now = at + metered.retryAfterMs * 0.5;
          const isSoon = metered.retryAfterMs < 1e-3;
          if (!isSoon) expect(meter.take('k', given).isWithin).toBe(false);
          clock.now = at + metered.retryAfterMs;
          expect(meter.take('k', given).isWithin).toBe(true);
        }
      }),
    );
  });

  it('is after a change of the rate never stricter for longer than the new bucket takes to fill', () => {
    fc.assert(
      fc.property(rate, rate, pauses, (before, after: Rate, steps) => {
        const clock = new Ticking();
        const meter = new MemoryRateMeter(clock);
        for (const pause of steps) {
          clock.now += pause;
          meter.take('k', before);
        }
        const metered = meter.take('k', after);
        const interval = after.perMs / after.max;
        if (!metered.isWithin) expect(metered.retryAfterMs).toBeLessThanOrEqual(interval + 1e-3);
      }),
    );
  });

  it('forgets full buckets, and beyond so many keys those used longest ago', () => {
    const clock = new Ticking();
    const meter = new MemoryRateMeter(clock, 10);
    const slow = { max: 1, perMs: 1_000, burst: 1 };
    for (let key = 0; key < 50; key += 1) meter.take(`${key}`, slow);
    expect(meter.size).toBe(10);
    expect([meter.take('49', slow).isWithin, meter.take('0', slow).isWithin]).toEqual([false, true]);
    clock.now += 1_000;
    meter.take('new', slow);
    expect(meter.size).toBe(1);
  });
});
