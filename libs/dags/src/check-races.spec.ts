import type { Step } from '@flow/operators';
import { step } from '@flow/testing/dags';
import fc from 'fast-check';
import { graphOf } from './dag-graph';
import { assign, attempt, loop, parallel } from './testing/constructs';
import { branches, faultsOf } from './testing/definition-faults';

const vars = { n: { type: 'number' } };
const races = (steps: readonly Step[]) => faultsOf(steps, { vars }).filter((fault) => fault.startsWith('step.race'));
const [a, b] = [assign('a', '{{vars.n}}'), assign('b', '{{n.x}}')];

describe('assignments of one variable', () => {
  it.each<[string, readonly Step[]]>([
    ['one after another', [a, b]],
    ['in branches, which run in their order', [branches('c', [[a], [b]])]],
    ['in a step and its handler', [{ ...a, onError: { steps: [b] } }]],
    ['in a try and its catch', [attempt('t', [a], { catch: [b] })]],
    ['in a catch and a finally', [attempt('t', [step('1')], { catch: [a], finally: [b] })]],
    ['in a branch and the handler of the parallel', [parallel('p', [[a]], { onError: { steps: [b] } })]],
    ['in a branch and the undo of the parallel', [parallel('p', [[a]], { undo: b })]],
    ['in two undo steps of parallel branches', [parallel('p', [[step('1', { undo: a })], [step('2', { undo: b })]])]],
    ['in an undo and beside it', [step('1', { dependsOn: [], undo: a }), { ...b, dependsOn: [] }]],
    ['in a loop that runs one iteration at a time', [loop('l', [a, b])]],
    ['in the undo of a concurrent loop', [loop('l', [step('1', { undo: a })], { limit: 9, concurrency: 9 })]],
    ['in the handler of a concurrent loop', [loop('l', [step('1')], { limit: 9, concurrency: 9 }, { onError: { steps: [a] } })]],
    ['in a parallel and after it', [parallel('p', [[a], [step('1')]]), b]],
  ])('do not meet %s', (_where, steps) => {
    expect(races(steps)).toEqual([]);
  }); // prettier-ignore

  it.each<[string, readonly Step[], string]>([
    ['in branches of a parallel', [parallel('p', [[a], [b]])], '/steps/1/branches/1/steps/0'],
    ['deep within them', [parallel('p', [[loop('l', [a])], [attempt('t', [step('1')], { finally: [b] })]])], '/steps/1/branches/1/steps/0/finally/0'],
    ['in a handler and a step beside it', [step('1', { dependsOn: [], onError: { steps: [a] } }), { ...b, dependsOn: [] }], '/steps/2'],
    ['in a catch and a step beside it', [{ ...attempt('t', [step('1')], { catch: [a] }), dependsOn: [] }, { ...b, dependsOn: [] }], '/steps/2'],
    ['within an undo that is a parallel', [step('1', { undo: parallel('p', [[a], [b]]) })], '/steps/1/undo/branches/1/steps/0'],
    ['with itself, in a concurrent loop', [loop('l', [a], { limit: 9, concurrency: 2 })], '/steps/1/steps/0'],
    ['with itself, in a loop within one', [loop('l', [loop('m', [a])], { limit: 9, concurrency: 2 })], '/steps/1/steps/0/steps/0'],
    ['with itself, when the concurrency is not known', [loop('l', [a], { limit: 9, concurrency: '{{n}}' })], '/steps/1/steps/0'],
    ['with itself, handling a failure in a concurrent loop', [loop('l', [step('1', { onError: { steps: [a] } })], { limit: 9, concurrency: 2 })], '/steps/1/steps/0/onError/steps/0'],
  ])('meet %s', (_where, steps, pointer) => {
    expect(races(steps)).toEqual([`step.race ${pointer}/parameters/target`]);
  }); // prettier-ignore

  it('meet exactly when neither step waits for the other, whatever the graph', () => {
    const needs = fc.array(fc.subarray([0, 1, 2, 3]), { minLength: 2, maxLength: 5 });
    fc.assert(
      fc.property(needs, fc.nat(4), fc.nat(4), (lists, i, j) => {
        const [first, second] = [Math.min(i, j), Math.max(i, j)];
        fc.pre(first < second && second < lists.length);
        const steps = lists.map((list, at): Step => {
          const dependsOn = list.filter((need) => need < at).map((need) => `s${need}`);
          return at === first || at === second
            ? assign(`s${at}`, '{{n}}', { dependsOn })
            : step(`s${at}`, { dependsOn });
        });
        const graph = graphOf(steps, { afterFirst: false });
        expect(races(steps).length).toBe(graph.endsBefore(first, second) ? 0 : 1);
      }),
    );
  });
});

describe('assignments of one output', () => {
  const over = (id: string) => assign(id, '{{__s.value}}');

  it('meet as those of variables do', () => {
    expect(races([step('s'), parallel('p', [[over('1')], [over('2')]])])).toHaveLength(1);
    expect(races([step('s'), loop('l', [over('1')], { limit: 9, concurrency: 2 })])).toHaveLength(1);
  });

  it('of the same iteration do not: each has its own', () => {
    expect(races([loop('l', [step('s'), over('1')], { limit: 9, concurrency: 2 })])).toEqual([]);
    expect(races([loop('l', [step('s'), loop('m', [over('1')], { limit: 9, concurrency: 2 })], { limit: 9, concurrency: 2 })])).toHaveLength(1);
  }); // prettier-ignore
});
