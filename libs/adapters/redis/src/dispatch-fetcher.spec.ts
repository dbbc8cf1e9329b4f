import type { DispatchConsumer } from '@flow/instances';
import type { InstanceId } from '@flow/kernel';
import { FixedClock, settle } from '@flow/testing/kernel';
import { DispatchFetcher, type FetchedDispatch } from './dispatch-fetcher';

/** Lanes in memory that nobody announces. */
class Lanes {
  readonly waiting: string[][];
  readonly done: string[] = [];
  fetches = 0;
  isAway = false;
  next: number | undefined;
  /** Of a dead process. */
  lost: string | undefined;

  constructor(count: number) {
    this.waiting = Array.from({ length: count }, () => []);
  }

  async fetch(lane: number): Promise<FetchedDispatch> {
    this.fetches += 1;
    if (this.isAway) throw new Error('away');
    const id = this.waiting[lane]!.shift();
    if (id === undefined) return { next: this.next };
    return {
      id: id as InstanceId,
      done: async () => {
        this.done.push(id);
      },
    };
  }

  async recover(lane: number): Promise<boolean> {
    if (lane !== 1 || this.lost === undefined) return false;
    this.waiting[lane]!.push(this.lost);
    this.lost = undefined;
    return true;
  }
}

class Taker implements DispatchConsumer {
  hasRoom = true;
  readonly taken: string[] = [];
  async take(id: InstanceId): Promise<void> {
    this.taken.push(id);
    if (id.startsWith('bad')) throw new Error('bad');
  }
}

describe('fetching dispatches', () => {
  let clock: FixedClock;
  let lanes: Lanes;
  let taker: Taker;
  let faults: unknown[];
  let fetcher: DispatchFetcher;
  beforeEach(async () => {
    clock = new FixedClock();
    lanes = new Lanes(3);
    taker = new Taker();
    faults = [];
    fetcher = new DispatchFetcher(3, lanes, taker, clock, 30_000, (error) => faults.push(error));
    fetcher.start();
    await settle();
  });
  afterEach(() => fetcher.stop());

  it('asks each lane once when it begins, and those alone that are announced after that', async () => {
    expect(lanes.fetches).toBe(3);
    lanes.waiting[1]!.push('a');
    fetcher.wake(1);
    await settle();
    expect([taker.taken, lanes.done]).toEqual([['a'], ['a']]);
    // It had something: it is asked until it has nothing.
    expect(lanes.fetches).toBe(5);
    fetcher.wake(-1);
    fetcher.wake(3);
    fetcher.wake(NaN);
    await settle();
    expect(lanes.fetches).toBe(5);
  });

  it('finds within 5 s what it did not hear of', async () => {
    lanes.waiting[2]!.push('a');
    await clock.advance(4_999);
    expect(taker.taken).toEqual([]);
    await clock.advance(1);
    expect(taker.taken).toEqual(['a']);
  });

  it('takes one from each lane in turn', async () => {
    lanes.waiting[0]!.push('a1', 'a2', 'a3', 'a4');
    lanes.waiting[1]!.push('b1');
    lanes.waiting[2]!.push('c1', 'c2');
    fetcher.wakeAll();
    await clock.advance(1);
    await clock.advance(1);
    expect(taker.taken).toEqual(['a1', 'b1', 'c1', 'a2', 'c2', 'a3', 'a4']);
  });

  it('fetches no more than there is room for, and takes several up at the same time', async () => {
    const open: (() => void)[] = [];
    taker.take = (id) => {
      taker.hasRoom = taker.taken.push(id) < 3;
      return new Promise((resolve) => open.push(resolve));
    };
    for (const lane of lanes.waiting) lane.push('a', 'b');
    fetcher.wakeAll();
    await clock.advance(1_000);
    expect([taker.taken.length, open.length, lanes.done]).toEqual([3, 3, []]);
    for (const resolve of open) resolve();
    await settle();
    expect(lanes.done).toHaveLength(3);
  });

  it('fetches nothing without room, and goes on a moment after there is some', async () => {
    taker.hasRoom = false;
    lanes.waiting[0]!.push('a');
    fetcher.wake(0);
    await clock.advance(1_000);
    expect(lanes.fetches).toBe(3);
    taker.hasRoom = true;
    await clock.advance(100);
    expect(taker.taken).toEqual(['a']);
  });

  it('comes when the next one of a lane is due', async () => {
    lanes.next = clock.now().getTime() + 1_500;
    fetcher.wake(0);
    await settle();
    lanes.waiting[0]!.push('a');
    await clock.advance(1_499);
    expect(taker.taken).toEqual([]);
    await clock.advance(1);
    expect(taker.taken).toEqual(['a']);
  });

  it('tries again what did not answer, tells that once, and drops what could not be taken', async () => {
    lanes.isAway = true;
    lanes.waiting[0]!.push('bad', 'good');
    fetcher.wakeAll();
    await clock.advance(10_000);
    expect(faults.map(String)).toEqual(['Error: away']);
    expect(lanes.fetches).toBeLessThanOrEqual(3 + 21);
    lanes.isAway = false;
    await clock.advance(500);
    expect([taker.taken, lanes.done]).toEqual([
      ['bad', 'good'],
      ['bad', 'good'],
    ]);
    expect(String(faults.at(-1))).toBe('Error: bad');
  });

  it('brings what a dead process had fetched', async () => {
    lanes.lost = 'a';
    await clock.advance(30_000);
    expect(taker.taken).toEqual(['a']);
  });

  it('does nothing any more once it is stopped', async () => {
    await fetcher.stop();
    lanes.waiting[0]!.push('a');
    fetcher.wakeAll();
    await clock.advance(60_000);
    expect(lanes.fetches).toBe(3);
  });
});
