import { SystemClock, SystemRandom } from '@flow/platform';

/** Node's timers count from the start of a turn of its loop: this makes that time an old one. */
function keepBusy(clock: SystemClock, ms: number): void {
  const untilMs = clock.monotonicMs() + ms;
  while (clock.monotonicMs() < untilMs);
}

describe('SystemClock', () => {
  it('tells the time of the machine', () => {
    const before = Date.now();
    const now = new SystemClock().now().getTime();
    expect(now).toBeGreaterThanOrEqual(before);
    expect(now).toBeLessThanOrEqual(Date.now());
  });

  it('never goes backwards on its monotonic side', () => {
    const clock = new SystemClock();
    const readings = Array.from({ length: 100 }, () => clock.monotonicMs());
    expect(readings).toEqual([...readings].sort((a, b) => a - b));
  });

  it.each([0, 0.4, 1, 5, 12.5])('calls back when %d ms have passed on its own clock, never before', async (delayMs) => {
    const clock = new SystemClock();
    keepBusy(clock, 20);
    const startMs = clock.monotonicMs();
    await new Promise<void>((resolve) => clock.after(delayMs, resolve));
    expect(clock.monotonicMs() - startMs).toBeGreaterThanOrEqual(delayMs);
  });

  it('can be taken back while it waits for the rest of a delay', async () => {
    const clock = new SystemClock();
    keepBusy(clock, 20);
    let calls = 0;
    const takeBack = clock.after(20, () => (calls += 1));
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    takeBack();
    const callsBefore = calls;
    await new Promise<void>((resolve) => clock.after(25, resolve));
    expect(calls).toBe(callsBefore);
  });

  it('never calls back once it was taken back, and takes delays that a timer cannot hold', async () => {
    const clock = new SystemClock();
    let calls = 0;
    clock.after(1, () => (calls += 1))();
    const takeBack = clock.after(1000 * 86_400 * 365, () => (calls += 1));
    await new Promise<void>((resolve) => clock.after(5, resolve));
    takeBack();
    expect(calls).toBe(0);
  });
});

describe('SystemRandom', () => {
  it('draws fractions in [0, 1) that spread over the whole range', () => {
    const random = new SystemRandom();
    const draws = Array.from({ length: 1000 }, () => random.fraction());
    expect(draws.every((draw) => draw >= 0 && draw < 1)).toBe(true);
    expect(Math.min(...draws)).toBeLessThan(0.1);
    expect(Math.max(...draws)).toBeGreaterThan(0.9);
  });

  it('gives as many bytes as were asked for, never the same twice', () => {
    const random = new SystemRandom();
    expect(random.bytes(32)).toHaveLength(32);
    expect(Buffer.from(random.bytes(32)).equals(random.bytes(32))).toBe(false);
  });
});
