import { MOST_EVENTS, RunModel, timesOf, type RunEvent } from './run-model';

const at = (ms: number) => new Date(1_000_000 + ms).toISOString();
let seq = 0;
const event = (type: string, ms: number, more: Partial<RunEvent> = {}): RunEvent => ({
  id: `${(seq += 1)}.1`,
  type,
  seq,
  at: at(ms),
  ...more,
});
const task = (status: string, ms: number, attempt = 1, path = 'get') =>
  event(`task.${status}`, ms, { taskId: `t-${path}`, stepId: path, path, attempt });

describe('a run from its events', () => {
  it('has a segment for each attempt and each wait', () => {
    const model = new RunModel();
    model.take([
      event('instance.queued', 0),
      event('instance.started', 100),
      task('running', 100),
      { ...task('retrying', 300), error: { code: 'http.status', message: 'busy' } },
      task('running', 1_300, 2),
      task('waiting', 1_400, 2),
      task('succeeded', 5_400, 2),
    ]);
    const track = model.tracks.get('get');
    expect(track).toMatchObject({ status: 'succeeded', attempt: 2, error: undefined });
    expect(track?.segments.map(({ kind, attempt, fromMs, toMs }) => [kind, attempt, (toMs ?? NaN) - fromMs])).toEqual([
      ['running', 1, 200],
      ['retrying', 1, 1_000],
      ['running', 2, 100],
      ['waiting', 2, 4_000],
    ]);
    expect(track && timesOf(track, 0)).toEqual({ runningMs: 300, waitingMs: 5_000 });
    expect([model.queuedMs, model.startedMs, model.endedMs]).toEqual([1_000_000, 1_000_100, undefined]);
  });

  it('counts what goes on up to now, and keeps the error of what failed', () => {
    const model = new RunModel();
    model.take([task('running', 0), { ...task('failed', 500, 1, 'other'), error: { code: 'x', message: 'y' } }]);
    const open = model.tracks.get('get');
    expect(open && timesOf(open, 1_000_700)).toEqual({ runningMs: 700, waitingMs: 0 });
    expect(model.tracks.get('other')).toMatchObject({ status: 'failed', error: { code: 'x' }, toMs: 1_000_500 });
  });

  it('keeps the last events and the number of the others, and every task', () => {
    const model = new RunModel();
    const count = MOST_EVENTS * 3;
    for (let i = 0; i < count; i += 50)
      model.take(Array.from({ length: 50 }, (_, n) => task('succeeded', i + n, 1, `each[${i + n}]/a`)));
    expect(model.events.length).toBeLessThanOrEqual(MOST_EVENTS * 1.2);
    expect(model.events.length + model.leftOut).toBe(count);
    expect(model.tracks.size).toBe(count);
  });

  it('hears of what is no status without making a task of it', () => {
    const model = new RunModel();
    model.take([event('task.invoked', 1, { path: 'get' }), event('task.decided', 2, { path: 'get', by: 'ada' })]);
    expect([model.tracks.size, model.events.length]).toEqual([0, 2]);
  });
});
