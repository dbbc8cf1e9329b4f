import type { InstanceId } from '@flow/kernel';
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
