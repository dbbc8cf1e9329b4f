import { findStep, stepsIn } from './find-step';

const inner = { id: 'c', operator: '@internal/return', parameters: { steps: [{ id: 'x', operator: '@no/step' }] } };
const dag = {
  steps: [
    { id: 'a', operator: '@trigger/manual' },
    { id: 'b', operator: '@control/flow/branches', branches: [{ id: 'yes', steps: [inner] }], undo: { id: 'd', operator: '@internal/define' } }, // prettier-ignore
  ],
};

describe('the steps of a definition', () => {
  it('are found in bodies, with where they stand, and not in parameters', () => {
    expect([...stepsIn(dag)].map(({ step, pointer }) => [step['id'], pointer])).toEqual([
      ['a', '/steps/0'],
      ['b', '/steps/1'],
      ['c', '/steps/1/branches/0/steps/0'],
      ['d', '/steps/1/undo'],
    ]);
  });

  it('are found by id', () => {
    expect(findStep(dag, 'c')).toBe(inner);
    expect(findStep(dag, 'x')).toBeUndefined();
  });
});
