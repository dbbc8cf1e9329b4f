import { AppError } from '@flow/kernel';
import { FixedClock, settle } from '@flow/testing/kernel';
import { persistently } from './storage-patience';
import { StorageFull } from './storage.errors';

class StoreAway extends AppError {
  readonly kind = 'unavailable';
  readonly code = 'store.away';
}

class Wrong extends AppError {
  readonly kind = 'invalid';
  readonly code = 'value.wrong';
}

/** What is kept at the nth try, and refused by `error` before. */
function refusedUntil(n: number, error: Error) {
  let tries = 0;
  return {
    keep: () => ((tries += 1) < n ? Promise.reject(error) : Promise.resolve('kept')),
    get tries() {
      return tries;
    },
  };
}

async function pass(clock: FixedClock, ms: number): Promise<void> {
  for (let at = 0; at < ms; at += 500) {
    await clock.advance(500);
    await settle();
  }
}

describe('What work came to', () => {
  it.each([
    ['the disk is full', new StorageFull(undefined)],
    ['a store is away, whichever', new StoreAway('away')],
  ])('is kept in the end when %s', async (_what, error) => {
    const clock = new FixedClock();
    const store = refusedUntil(100, error);
    const kept = persistently(clock, store.keep);
    await pass(clock, 60_000);
    expect(await kept).toBe('kept');
    expect(store.tries).toBe(100);
  });

  it('is given up when it is over, with what the store said last', async () => {
    const clock = new FixedClock();
    let isOver = false;
    const kept = persistently(clock, refusedUntil(Infinity, new StoreAway('away')).keep, () => isOver);
    const failed = expect(kept).rejects.toThrow(StoreAway);
    await pass(clock, 5_000);
    isOver = true;
    await pass(clock, 1_000);
    await failed;
  });

  it.each([
    ['that is wrong', new Wrong('wrong')],
    ['that meets a bug', new TypeError('a bug')],
  ])('%s is tried once', async (_what, error) => {
    const store = refusedUntil(2, error);
    await expect(persistently(new FixedClock(), store.keep)).rejects.toBe(error);
    expect(store.tries).toBe(1);
  });
});
