import type { SeenTask } from './run.fold';
import { treeOf } from './run.tree';

let count = 0;
function aTask(path: string, more: Partial<SeenTask> = {}): SeenTask {
  const times = { startedAt: '2026-01-01T00:00:00.000Z', endedAt: '2026-01-01T00:00:01.000Z' };
  return {
    id: String((count += 1)).padStart(6, '0'),
    path,
    stepId: path,
    operator: '@x/y',
    status: 'succeeded',
    attempt: 1,
    ...times,
    ...more,
  };
}

const labels = (tasks: readonly SeenTask[], most?: number) => treeOf(tasks, most).map(({ label }) => label);

describe('The tree of a run', () => {
  it('shows each step under the one that it is part of, whichever was told first', () => {
    const tasks = ['pick/large/two', 'start', 'pick', 'each[0]/a', 'each', 'each[10]/a/x/b', 'each[10]/a', 'picked'];
    expect(labels(tasks.map((path) => aTask(path)))).toEqual([
      'start',
      'pick',
      '  large/two',
      'each',
      '  [0]/a',
      '  [10]/a',
      '    x/b',
      'picked',
    ]);
  });

  it('folds what is done and well when there is no room, and keeps what goes on or failed in sight', () => {
    const done = Array.from({ length: 50 }, (_, i) => aTask(`each[${i}]/a`));
    const tasks = [
      aTask('start'),
      aTask('each', { status: 'running', endedAt: null }),
      ...done,
      aTask('each[50]/a', { status: 'failed' }),
      aTask('each[51]/a', { status: 'running', endedAt: null }),
    ];
    expect(labels(tasks)).toHaveLength(tasks.length);
    expect(labels(tasks, 10)).toEqual(['start', 'each', '  ... 50 steps', '  [50]/a', '  [51]/a']);
  });

  it('tells how long a step has taken, and at which attempt it is', () => {
    const nowMs = Date.parse('2026-01-01T00:01:05.000Z');
    const running = aTask('a', { status: 'running', endedAt: null, attempt: 2 });
    expect(treeOf([running, aTask('b')], Infinity, nowMs).map(({ note }) => note)).toEqual([
      '1 min 5 s (attempt 2)',
      '1.0 s',
    ]);
  });
});
