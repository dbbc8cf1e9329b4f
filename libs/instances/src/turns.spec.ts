import { FixedClock } from '@flow/testing/kernel';
import { TURN_MS, Turns } from './turns';

/** Time passes while work is done, and only then. */
class WorkClock extends FixedClock {
  worked = 0;
  override monotonicMs(): number {
    return this.worked;
  }
}

const aRound = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('turns', () => {
  it('let the event loop go round after a turn of work, and keep the order', async () => {
    const clock = new WorkClock();
    const turns = new Turns(clock);
    const done: number[] = [];
    for (let i = 0; i < 4; i += 1)
      turns.later(() => {
        done.push(i);
        clock.worked += TURN_MS / 2;
      });
    await aRound();
    expect(done).toEqual([0, 1]);
    await aRound();
    expect(done).toEqual([0, 1, 2, 3]);
  });

  it('do one piece of work in a turn, however long it takes', async () => {
    const clock = new WorkClock();
    const turns = new Turns(clock);
    const done: string[] = [];
    for (const name of ['a', 'b'])
      turns.later(() => {
        done.push(name);
        clock.worked += 10 * TURN_MS;
      });
    await aRound();
    expect(done).toEqual(['a']);
    await aRound();
    expect(done).toEqual(['a', 'b']);
  });
});
