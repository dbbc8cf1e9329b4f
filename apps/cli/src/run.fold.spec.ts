import { RunFold, operatorsIn } from './run.fold';

const at = '2026-01-01T00:00:00.000Z';
const later = '2026-01-01T00:00:09.000Z';

describe('The steps of a run, from its events', () => {
  it('begin, try again and end', () => {
    const fold = new RunFold(new Map([['a', '@http/request']]));
    const task = { taskId: '1', stepId: 'a', path: 'each[0]/a' };
    fold.take({ id: '1.1', type: 'instance.started', at });
    fold.take({ id: '1.2', type: 'task.running', at, attempt: 1, ...task });
    fold.take({ id: '2.1', type: 'task.retrying', at: later, attempt: 1, ...task });
    expect(fold.tasks).toMatchObject([{ status: 'retrying', startedAt: at, endedAt: null }]);
    fold.take({ id: '3.1', type: 'task.running', at: later, attempt: 2, ...task });
    fold.take({ id: '4.1', type: 'task.failed', at: later, attempt: 2, ...task });
    const { taskId: id, ...place } = task;
    expect(fold.tasks).toEqual([
      { id, ...place, operator: '@http/request', status: 'failed', attempt: 2, startedAt: at, endedAt: later },
    ]);
  });

  it('are not touched by what is no state of a step', () => {
    const fold = new RunFold(new Map());
    fold.take({ id: '1.1', type: 'task.invoked', at, path: 'a' });
    fold.take({ id: '1.2', type: 'task.strange', at, taskId: '1', path: 'a' });
    expect(fold.tasks).toEqual([]);
  });
});

describe('The operators of a definition', () => {
  it('are found in bodies of every kind, and not in parameters', () => {
    const step = (id: string, more: object = {}) => ({ id, operator: `@op/${id}`, ...more });
    const steps = [
      step('a', { parameters: { steps: [step('no')] }, undo: step('u') }),
      step('b', { branches: [{ id: 'x', steps: [step('c', { steps: [step('d')] })] }], catch: [step('e')] }),
      step('f', { onError: { steps: [step('g')] } }),
    ];
    expect([...operatorsIn(steps).keys()].sort()).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'u']);
  });
});
