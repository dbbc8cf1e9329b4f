import type { InstanceId } from '@flow/kernel';
import { MemoryAir, MemoryFanOut } from '@flow/testing/instances';
import { FixedClock, settle } from '@flow/testing/kernel';
import { LiveEvents, type Watch } from './live-events';

const A = 'a' as InstanceId;
const B = 'b' as InstanceId;
const never = new AbortController().signal;

describe('the doorbell', () => {
  let clock: FixedClock;
  let live: LiveEvents;
  beforeEach(() => {
    clock = new FixedClock();
    live = new LiveEvents(clock);
  });

  /** What `next` gave, or undefined while it waits. */
  const answerOf = (watch: Watch, signal = never) => {
    const box: { answer?: 'rung' | 'quiet' } = {};
    void watch.next(1_000, signal).then((answer) => (box.answer = answer));
    return box;
  };

  it('wakes those who watch the instance and listen to such news, once for many rings', async () => {
    const events = live.watch(A, ['events']);
    const both = live.watch(A, ['events', 'lines']);
    const other = live.watch(B, ['events', 'lines']);
    const answers = [events, both, other].map((watch) => answerOf(watch));
    for (let i = 0; i < 5; i += 1) live.published(A, 'lines');
    await clock.advance(20);
    expect(answers.map(({ answer }) => answer)).toEqual([undefined, 'rung', undefined]);
    live.published(A);
    live.published(A);
    await clock.advance(20);
    expect(answers.map(({ answer }) => answer)).toEqual(['rung', 'rung', undefined]);
    const again = answerOf(both);
    await settle();
    expect(again.answer).toBe('rung');
    expect(answerOf(both).answer).toBeUndefined();
  });

  it('keeps a ring for one who is busy reading', async () => {
    const watch = live.watch(A, ['events']);
    live.published(A);
    await clock.advance(20);
    expect(await watch.next(1_000, never)).toBe('rung');
  });

  it('says that it was quiet, and lets go when it is aborted', async () => {
    const watch = live.watch(A, ['events']);
    const quiet = answerOf(watch);
    await clock.advance(1_000);
    expect(quiet.answer).toBe('quiet');
    const abort = new AbortController();
    const left = answerOf(watch, abort.signal);
    abort.abort();
    await settle();
    expect(left.answer).toBe('quiet');
    expect(await watch.next(1_000, abort.signal)).toBe('quiet');
  });

  it('rings for what another process has stored, for as long as somebody watches', async () => {
    const air = new MemoryAir();
    const [here, there] = [new LiveEvents(clock, new MemoryFanOut(air)), new LiveEvents(clock, new MemoryFanOut(air))];
    const watches = [there.watch(A, ['events']), there.watch(A, ['events', 'lines'])];
    // What is durable is not in the store yet: nobody elsewhere would find it.
    here.published(A);
    await clock.advance(20);
    const [events, both] = watches.map((watch) => answerOf(watch));
    here.stored(A, 'lines');
    await clock.advance(20);
    expect([events?.answer, both?.answer]).toEqual([undefined, 'rung']);
    here.stored(A);
    here.stored(B);
    await clock.advance(20);
    expect(events?.answer).toBe('rung');
    watches[0]?.stop();
    expect(air.watchers.size).toBe(1);
    watches[1]?.stop();
    watches[1]?.stop();
    expect(air.watchers.size).toBe(0);
    const again = there.watch(A, ['events']);
    here.stored(A);
    await clock.advance(20);
    expect(await again.next(1_000, never)).toBe('rung');
  });

  it('holds nothing for those who have gone, and nothing at all while nobody watches', async () => {
    const watches = [live.watch(A, ['events']), live.watch(A, ['events'])];
    live.published(A);
    for (const watch of watches) watch.stop();
    watches[0]?.stop();
    expect(live.watched).toBe(0);
    live.published(A);
    await clock.advance(100);
    const late = live.watch(A, ['events']);
    const answer = answerOf(late);
    await clock.advance(100);
    expect(answer.answer).toBeUndefined();
  });
});
