import type { WorkerId } from '@flow/kernel';
import { FixedClock, settle } from '@flow/testing/kernel';
import { BEAT_MS, FRESH_MS, Heartbeat, WorkerHeldDead } from './heartbeat';
import { DEAD_MS, WATCH_MS, Watcher } from './watcher';
import { Workers, type BeatAnswer, type ReportedWorker, type WorkerSign } from './workers.store';

const ME = 'me' as WorkerId;
const OTHER = 'other' as WorkerId;

/** Rows that answer when a test lets them. */
class SlowWorkers extends Workers {
  readonly beats: number[] = [];
  readonly closings: number[] = [];
  signs: readonly WorkerSign[] = [];
  isClosing = false;
  isDraining = false;
  private answers: (() => void)[] = [];
  isSlow = false;

  override async beat(_id: WorkerId, beat: number): Promise<BeatAnswer> {
    this.beats.push(beat);
    await this.turn();
    return this.isClosing ? 'refused' : this.isDraining ? 'drain' : 'taken';
  }
  override async markClosing(_id: WorkerId, beat: number): Promise<boolean> {
    this.closings.push(beat);
    return this.signs.some((sign) => sign.beat === beat);
  }
  override async unclosed(): Promise<readonly WorkerSign[]> {
    const { signs } = this;
    await this.turn();
    return signs;
  }

  override askToDrain(): Promise<boolean> {
    throw new Error('Nobody asks that here.');
  }
  override reported(): Promise<readonly ReportedWorker[]> {
    throw new Error('Nobody asks that here.');
  }

  /** Lets the oldest request be answered. */
  async answer(): Promise<void> {
    this.answers.shift()?.();
    await settle();
  }

  private turn(): Promise<void> {
    return this.isSlow ? new Promise((resolve) => this.answers.push(resolve)) : Promise.resolve();
  }
}

describe('the signs of life of a worker', () => {
  const workers = () => new SlowWorkers();

  it('go out every two seconds, and keep it fresh', async () => {
    const [rows, clock] = [workers(), new FixedClock()];
    const heartbeat = new Heartbeat(rows, ME, clock, () => undefined);
    heartbeat.start();
    await clock.advance(5 * BEAT_MS);
    expect(rows.beats).toEqual([1, 2, 3, 4, 5, 6]);
    expect(heartbeat.isFresh).toBe(true);
    heartbeat.stop();
    await clock.advance(5 * BEAT_MS);
    expect(rows.beats).toHaveLength(6);
    expect(heartbeat.isFresh).toBe(false);
  });

  it('count from when a beat was sent, not from when it was answered', async () => {
    const [rows, clock] = [workers(), new FixedClock()];
    const heartbeat = new Heartbeat(rows, ME, clock, () => undefined);
    rows.isSlow = true;
    heartbeat.start();
    await clock.advance(FRESH_MS - 1);
    expect(heartbeat.isFresh).toBe(true);
    await rows.answer();
    await clock.advance(1);
    expect(heartbeat.isFresh).toBe(false);
    let isFree = false;
    void heartbeat.untilFresh().then(() => (isFree = true));
    await settle();
    expect(isFree).toBe(false);
    await rows.answer();
    expect([isFree, heartbeat.isFresh]).toEqual([true, true]);
  });

  it('say nothing when they get no answer', async () => {
    const [rows, clock] = [workers(), new FixedClock()];
    rows.beat = () => Promise.reject(new Error('no answer'));
    const refused: Error[] = [];
    const heartbeat = new Heartbeat(rows, ME, clock, (error) => refused.push(error));
    heartbeat.start();
    await clock.advance(60_000);
    expect([refused, heartbeat.isFresh]).toEqual([[], false]);
  });

  it('go on when it is asked to let go of what it holds, which it hears once, and say how it is', async () => {
    const [rows, clock] = [workers(), new FixedClock()];
    let asked = 0;
    const heartbeat = new Heartbeat(
      rows,
      ME,
      clock,
      () => undefined,
      () => null,
      () => (asked += 1),
    );
    heartbeat.start();
    await clock.advance(BEAT_MS);
    expect(asked).toBe(0);
    rows.isDraining = true;
    await clock.advance(3 * BEAT_MS);
    expect([asked, heartbeat.isFresh]).toEqual([1, true]);
  });

  it('end at once when one is refused', async () => {
    const [rows, clock] = [workers(), new FixedClock()];
    const refused: Error[] = [];
    const heartbeat = new Heartbeat(rows, ME, clock, (error) => refused.push(error));
    heartbeat.start();
    await clock.advance(BEAT_MS);
    rows.isClosing = true;
    await clock.advance(10 * BEAT_MS);
    expect(refused).toEqual([expect.any(WorkerHeldDead)]);
    expect(rows.beats).toHaveLength(3);
    expect(heartbeat.isFresh).toBe(false);
  });
});

describe('a watcher', () => {
  const watching = () => {
    const [rows, clock] = [new SlowWorkers(), new FixedClock()];
    const dead: WorkerId[] = [];
    const faults: unknown[] = [];
    const takeOver = async (id: WorkerId) => void dead.push(id);
    const watcher = new Watcher(rows, ME, clock, takeOver, (error) => faults.push(error));
    return { rows, clock, dead, faults, watcher };
  };
  const sign = (beat: number, isClosing = false): WorkerSign => ({ id: OTHER, beat, isClosing });

  it('holds a worker dead whose beat stands still, on the beat that it watched', async () => {
    const { rows, clock, dead, watcher } = watching();
    rows.signs = [sign(7)];
    watcher.start();
    await clock.advance(DEAD_MS - 1);
    expect(rows.closings).toEqual([]);
    await clock.advance(1);
    expect([rows.closings, dead]).toEqual([[7], [OTHER]]);
  });

  it('begins anew with each beat', async () => {
    const { rows, clock, dead, watcher } = watching();
    watcher.start();
    for (let beat = 0; beat < 20; beat += 1) {
      rows.signs = [sign(beat)];
      await clock.advance(DEAD_MS - WATCH_MS);
    }
    expect([rows.closings, dead]).toEqual([[], []]);
  });

  it('counts from the receipt of the first reading to the sending of the last', async () => {
    const { rows, clock, watcher } = watching();
    rows.signs = [sign(7)];
    rows.isSlow = true;
    watcher.start();
    await clock.advance(DEAD_MS);
    // The first was sent long ago and is received now.
    await rows.answer();
    expect(rows.closings).toEqual([]);
    // These were sent before that, whenever they are received.
    await clock.advance(2 * DEAD_MS);
    for (let i = 0; i < 5; i += 1) await rows.answer();
    expect(rows.closings).toEqual([]);
    // Sent ten seconds after the receipt of the first.
    for (let i = 0; i < 5; i += 1) await rows.answer();
    expect(rows.closings).toEqual([7]);
  });

  it('takes nobody over whose beat has gone on meanwhile', async () => {
    const { rows, clock, dead, watcher } = watching();
    rows.signs = [sign(7)];
    rows.markClosing = (_id, beat) => {
      rows.closings.push(beat);
      return Promise.resolve(false);
    };
    watcher.start();
    await clock.advance(DEAD_MS);
    expect([rows.closings, dead]).toEqual([[7], []]);
  });

  it('goes on with what others have begun, again until it is closed, one at a time', async () => {
    const { rows, clock, dead, watcher } = watching();
    rows.signs = [sign(7, true), { id: ME, beat: 0, isClosing: true }];
    watcher.start();
    await settle();
    expect([rows.closings, dead]).toEqual([[], [OTHER]]);
    await clock.advance(WATCH_MS);
    expect(dead).toEqual([OTHER, OTHER]);
    rows.signs = [];
    await clock.advance(5 * WATCH_MS);
    expect(dead).toHaveLength(2);
    watcher.stop();
  });

  it('tells of a store that does not answer, and looks again', async () => {
    const { rows, clock, dead, faults, watcher } = watching();
    const { unclosed } = rows;
    rows.unclosed = () => Promise.reject(new Error('no answer'));
    watcher.start();
    await clock.advance(WATCH_MS);
    expect(faults).toHaveLength(2);
    rows.unclosed = unclosed;
    rows.signs = [sign(1, true)];
    await clock.advance(WATCH_MS);
    expect(dead).toEqual([OTHER]);
  });
});
