import type { TaskStatus, Track } from './run-model';
import { stepStates } from './step-states';

const track = (stepId: string, status: TaskStatus) => ({ stepId, status }) as Track;

it('a step that runs often shows what goes on, else the worst, and how far it is', () => {
  const states = stepStates([
    track('once', 'succeeded'),
    ...(['succeeded', 'failed', 'succeeded'] as const).map((status) => track('ended', status)),
    ...(['succeeded', 'failed', 'running'] as const).map((status) => track('open', status)),
  ]);
  expect(Object.fromEntries(states)).toEqual({
    once: { status: 'succeeded' },
    ended: { status: 'failed', note: '3/3' },
    open: { status: 'running', note: '2/3' },
  });
});
