import type { RateMeter } from '@flow/kernel';

interface Metering {
  readonly meter: RateMeter;
  /** Time goes on for the meter. */
  wait(ms: number): Promise<void>;
  close(): Promise<void> | void;
}

/** What every RateMeter keeps; rates are slow enough that a machine which is busy for a while changes nothing. */
export function rateMeterContract(name: string, open: () => Promise<Metering>): void {
  describe(`${name} as a RateMeter`, () => {
    let world: Metering;
    beforeEach(async () => {
      world = await open();
    });
    afterEach(() => world.close());

    const hourly = { max: 2, perMs: 3_600_000, burst: 2 };
    const passes = async (key: string, rate = hourly) => (await world.meter.take(key, rate)).isWithin;

    it('lets a burst through, then refuses and says when to come again', async () => {
      const [first, second, third] = [
        await world.meter.take('k', hourly),
        await world.meter.take('k', hourly),
        await world.meter.take('k', hourly),
      ];
      expect(first).toMatchObject({ isWithin: true, remaining: 1 });
      expect(second).toMatchObject({ isWithin: true, remaining: 0 });
      expect(third).toMatchObject({ isWithin: false, remaining: 0 });
      const intervalMs = 1_800_000;
      expect(first.resetMs).toBeLessThanOrEqual(intervalMs);
      expect(first.resetMs).toBeGreaterThan(intervalMs - 60_000);
      expect(third.resetMs).toBeGreaterThan(2 * intervalMs - 60_000);
      const again = 'retryAfterMs' in third ? third.retryAfterMs : NaN;
      expect(again).toBeLessThanOrEqual(intervalMs);
      expect(again).toBeGreaterThan(intervalMs - 60_000);
    });

    it('keeps buckets apart, whatever their keys are made of', async () => {
      const keys = ['a', 'a ', 'A', '', 'ü\n"', 'a:b', 'a b'];
      for (const key of keys)
        expect([await passes(key), await passes(key), await passes(key)]).toEqual([true, true, false]);
    });

    it('lets through whoever comes when it was told to', async () => {
      const rate = { max: 10, perMs: 1_000, burst: 1 };
      expect(await passes('k', rate)).toBe(true);
      for (let times = 0; times < 3; times += 1) {
        const metered = await world.meter.take('k', rate);
        // On a busy machine the bucket may have filled meanwhile.
        if (metered.isWithin) continue;
        expect(metered.retryAfterMs).toBeLessThanOrEqual(100);
        await world.wait(metered.retryAfterMs);
        expect(await passes('k', rate)).toBe(true);
      }
    });

    it('lets no more through than the burst, however many ask at once', async () => {
      const rate = { max: 1, perMs: 3_600_000, burst: 7 };
      const all = await Promise.all(Array.from({ length: 50 }, () => passes('k', rate)));
      expect(all.filter(Boolean)).toHaveLength(7);
    });

    it('takes back what came to nothing', async () => {
      await passes('k');
      await passes('k');
      world.meter.giveBack('k', hourly);
      world.meter.giveBack('unknown', hourly);
      expect([await passes('k'), await passes('k')]).toEqual([true, false]);
      expect([await passes('unknown'), await passes('unknown'), await passes('unknown')]).toEqual([true, true, false]);
    });

    it('goes on with at most an empty bucket when the rate changes', async () => {
      for (let i = 0; i < 2; i += 1) await passes('k');
      const fast = { max: 10, perMs: 1_000, burst: 5 };
      const metered = await world.meter.take('k', fast);
      expect('retryAfterMs' in metered ? metered.retryAfterMs : 0).toBeLessThanOrEqual(101);
    });
  });
}
