import { AppError } from '@flow/kernel';
import { FixedClock, SeededRandom, settle } from '@flow/testing/kernel';
import { StartEnded, openPatiently, type StoreWait } from './store-waiting';

class Away extends AppError {
  readonly kind = 'unavailable';
  readonly code = 'store.away';
  override readonly retryAfterMs = 5_000;
}

class TooNew extends AppError {
  readonly kind = 'unavailable';
  readonly code = 'store.too_new';
}

/** A store that comes to be there at a moment. */
function aWorld(isThere: (nowMs: number) => boolean) {
  const clock = new FixedClock();
  const ending = new AbortController();
  const waits: StoreWait[] = [];
  const there: number[] = [];
  const since = clock.monotonicMs();
  const store = { close: () => Promise.resolve() };
  const open = () => (isThere(clock.monotonicMs() - since) ? Promise.resolve(store) : Promise.reject(new Away('away')));
  const waiting = {
    clock,
    random: new SeededRandom(1),
    signal: ending.signal,
    onWait: (wait: StoreWait) => void waits.push(wait),
    onThere: ({ waitedMs }: Pick<StoreWait, 'waitedMs'>) => void there.push(waitedMs),
  };
  return { clock, ending, waits, there, store, waiting, open, name: { store: 'MariaDB', setting: 'MARIADB_URL' } };
}

describe('A start', () => {
  it('waits for a store with longer and longer pauses, and goes on when it is there', async () => {
    const { clock, waits, there, store, waiting, open, name } = aWorld((nowMs) => nowMs >= 60_000);
    const opened = openPatiently(name, open, waiting);
    for (let ms = 0; ms < 75_000; ms += 50) await clock.advance(50);
    expect(await opened).toBe(store);
    expect(waits.length).toBeGreaterThan(6);
    expect(waits.length).toBeLessThan(25);
    expect(waits[0]).toMatchObject({ ...name, waitedMs: 0 });
    expect(waits[0]!.nextTryMs).toBeLessThanOrEqual(250);
    expect(waits.at(-1)!.nextTryMs).toBeGreaterThanOrEqual(5_000);
    expect(waits.at(-1)!.waitedMs).toBeGreaterThan(40_000);
    expect(there).toHaveLength(1);
    expect(there[0]).toBeGreaterThanOrEqual(60_000);
  });

  it('ends at once for what no waiting mends', async () => {
    const { waits, waiting, name } = aWorld(() => false);
    await expect(openPatiently(name, () => Promise.reject(new TooNew('too new')), waiting)).rejects.toThrow(TooNew);
    await expect(openPatiently(name, () => Promise.reject(new TypeError('a bug')), waiting)).rejects.toThrow(TypeError);
    expect(waits).toEqual([]);
  });

  it('ends in the midst of a pause when nobody wants it any more', async () => {
    const { ending, waits, waiting, open, name } = aWorld(() => false);
    const opened = openPatiently(name, open, waiting);
    await settle();
    expect(waits).toHaveLength(1);
    ending.abort();
    await expect(opened).rejects.toThrow(StartEnded);
  });

  it('ends in the midst of a try, and closes what was opened too late', async () => {
    const { ending, waiting, name } = aWorld(() => true);
    let closed = 0;
    let answer = (_store: { close(): Promise<void> }): void => undefined;
    const opened = openPatiently(
      name,
      () => new Promise<{ close(): Promise<void> }>((resolve) => (answer = resolve)),
      waiting,
    );
    ending.abort();
    await expect(opened).rejects.toThrow(StartEnded);
    answer({
      close: async () => {
        closed += 1;
      },
    });
    await settle();
    expect(closed).toBe(1);
  });
});
