import { Clock, clockOf } from './clock';

describe('the clock of relative times', () => {
  beforeEach(() => jest.useFakeTimers({ now: 0 }));
  afterEach(() => jest.useRealTimers());

  it('tells forty readers by one timer, and rests when the last has gone', () => {
    const clock = new Clock(10_000);
    let told = 0;
    const goers = Array.from({ length: 40 }, () => clock.listen(() => (told += 1)));
    expect(jest.getTimerCount()).toBe(1);
    jest.advanceTimersByTime(10_000);
    expect([told, clock.read()]).toEqual([40, 10_000]);
    for (const go of goers) go();
    expect(jest.getTimerCount()).toBe(0);
  });

  it('says the same to all between two ticks, and is not behind after a rest', () => {
    const clock = new Clock(10_000);
    const go = clock.listen(() => undefined);
    jest.advanceTimersByTime(9_000);
    expect(clock.read()).toBe(0);
    go();
    jest.advanceTimersByTime(60_000);
    expect(clock.read()).toBe(69_000);
  });

  it('is one for a pace', () =>
    expect([clockOf(7), clockOf(8)]).toEqual([clockOf(7), expect.not.objectContaining(clockOf(7))]));
});
