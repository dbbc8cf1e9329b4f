import { definitionOf } from './definition-of';

describe('a DAG as a definition', () => {
  it('leaves out what the service adds and what says nothing', () => {
    const dag = {
      id: 'x',
      title: 'A',
      description: '',
      status: 'normal',
      tags: [],
      labels: {},
      vars: { a: { type: 'any' } },
      priority: 'medium',
      version: 'v0.0.1',
      changeLog: 'why',
      createdBy: 'ada',
      steps: [],
    } as const;
    expect(definitionOf(dag)).toEqual({ title: 'A', status: 'normal', vars: { a: { type: 'any' } }, steps: [] });
  });

  it('keeps what differs from the defaults', () => {
    expect(definitionOf({ title: 'A', priority: 'high', tags: ['x'] })).toEqual({
      title: 'A',
      priority: 'high',
      tags: ['x'],
    });
  });
});
