import type { Step } from '@flow/operators';
import { step } from '@flow/testing/dags';
import { attempt, control, loop, parallel } from './testing/constructs';
import { TRIGGER, branches, check, faultsOf } from './testing/definition-faults';

const exit: Step = { id: 'x', operator: '@internal/return' };
const leave = (name: 'break' | 'continue', id = 'x') => control(id, `flow/${name}`);
const warningsOf = (steps: readonly Step[]) =>
  check({ title: 'A', steps: [TRIGGER, ...steps] }).warnings.map(({ code, pointer }) => `${code} ${pointer}`);

describe('bodies', () => {
  it('are taken by the construct that has them', () => {
    expect(
      faultsOf([
        parallel('p', [[step('1')], []]),
        loop('l', [step('2')]),
        attempt('t', [step('3')], { catch: [step('4')], finally: [step('5')] }),
        step('e', { onError: { steps: [step('6')] }, undo: step('7') }),
      ]),
    ).toEqual([]);
  });

  it.each<[string, Step, string]>([
    ['a loop without steps', control('l', 'flow/loop', { limit: 1 }), 'field.missing /steps/1/steps'],
    ['a loop with no step', loop('l', []), 'step.body_empty /steps/1/steps'],
    ['a loop with branches', { ...loop('l', [step('1')]), branches: [] }, 'step.body_unexpected /steps/1/branches'],
    ['a loop with catch', { ...loop('l', [step('1')]), catch: [] }, 'step.body_unexpected /steps/1/catch'],
    ['a try without steps', control('t', 'flow/try'), 'field.missing /steps/1/steps'],
    ['a parallel without branches', control('p', 'flow/parallel'), 'field.missing /steps/1/branches'],
    ['a wait with steps', { ...control('w', 'wait', { duration: 'PT1S' }), steps: [] }, 'step.body_unexpected /steps/1/steps'],
    ['onError without a step', step('1', { onError: { steps: [] } }), 'step.body_empty /steps/1/onError/steps'],
  ])('refuse %s', (_what, sent, fault) => {
    expect(faultsOf([sent])).toEqual([fault]);
  }); // prettier-ignore

  it('hold no id that stands elsewhere, whichever body it is', () => {
    const same = [
      attempt('t', [step('a')], { catch: [step('a')], finally: [step('a')] }),
      step('b', { onError: { steps: [step('a')] }, undo: step('a') }),
    ];
    expect(faultsOf(same)).toEqual([
      'step.id_duplicate /steps/1/catch/0/id',
      'step.id_duplicate /steps/1/finally/0/id',
      'step.id_duplicate /steps/2/onError/steps/0/id',
      'step.id_duplicate /steps/2/undo/id',
    ]);
  });

  it('keep their order to themselves', () => {
    const waits = (id: string, ...dependsOn: string[]) => step(id, { dependsOn });
    expect(
      faultsOf([
        step('a', { onError: { steps: [waits('b', 'c'), waits('c', 'b')] } }),
        attempt('t', [step('d')], { catch: [waits('e', 'd')], finally: [waits('f', 't')] }),
        step('g', { undo: waits('h', 'g') }),
      ]),
    ).toEqual([
      'step.dependency_unknown /steps/2/catch/0/dependsOn/0',
      'step.dependency_unknown /steps/2/finally/0/dependsOn/0',
      'step.dependency_unknown /steps/3/undo/dependsOn/0',
      'step.cycle /steps/1/onError/steps/0/dependsOn',
      'step.cycle /steps/1/onError/steps/1/dependsOn',
    ]);
  });

  it('of a trigger do not exist', () => {
    const sent = { title: 'A', steps: [{ ...TRIGGER, onError: 'continue', undo: step('1') }] };
    expect(check(sent).faults.map(({ code, pointer }) => `${code} ${pointer}`)).toEqual([
      'step.field_unexpected /steps/0/onError',
      'step.field_unexpected /steps/0/undo',
    ]);
  });

  it('count for the limits of steps and levels, all of them', () => {
    let deep = step('s');
    for (let i = 0; i < 16; i += 1)
      deep = step(`u${i}`, { onError: { steps: [attempt(`t${i}`, [step(`i${i}`)], { finally: [deep] })] } });
    expect(new Set(faultsOf([deep]).map((fault) => fault.split(' ')[0]))).toEqual(new Set(['dag.too_deep']));
    const many = Array.from({ length: 334 }, (_, i) => step(`${i}a`, { onError: { steps: [step(`${i}b`)] }, undo: step(`${i}c`) })); // prettier-ignore
    expect(faultsOf(many)).toEqual(['dag.too_many_steps /steps']);
    expect(faultsOf(many.slice(0, 333))).toEqual([]);
  });
});

describe('a parallel', () => {
  const two = (parameters: Step['parameters']) =>
    parallel('p', [[step('1')], [step('2')]], { parameters: parameters! });

  it('joins as many branches as there are', () => {
    expect(faultsOf([two({ join: { n: 2 } })])).toEqual([]);
    expect(faultsOf([two({ join: { n: 3 } })])).toEqual(['step.join_unreachable /steps/1/parameters/join/n']);
  });

  it('has neither a default nor an exclusive branch', () => {
    const sent = parallel('p', [[step('1')]]);
    expect(faultsOf([{ ...sent, branches: [{ ...sent.branches![0]!, default: true }] }])).toEqual([
      'branch.default_unexpected /steps/1/branches/0/default',
    ]);
    expect(faultsOf([two({ exclusive: true })])).toEqual(['step.parameters_invalid /steps/1/parameters/exclusive']);
  });
});

describe('break and continue', () => {
  const at = (pointer: string) => [`step.not_in_loop ${pointer}/operator`];

  it.each(['break', 'continue'] as const)('%s leaves the loop around it, from any depth', (name) => {
    const x = leave(name);
    for (const inner of [
      x,
      branches('b', [[x]]),
      parallel('p', [[x], [step('1')]]),
      attempt('t', [x], { catch: [] }),
      attempt('t', [step('1')], { catch: [x] }),
      step('s', { onError: { steps: [x] } }),
    ])
      expect(faultsOf([loop('l', [inner])])).toEqual([]);
  });

  it.each(['break', 'continue'] as const)('%s needs one', (name) => {
    const x = leave(name);
    expect(faultsOf([x])).toEqual(at('/steps/1'));
    expect(faultsOf([branches('b', [[x]])])).toEqual(at('/steps/1/branches/0/steps/0'));
    expect(faultsOf([attempt('t', [step('1')], { catch: [x] })])).toEqual(at('/steps/1/catch/0'));
    // What handles the failure of the loop itself is no longer within it.
    expect(faultsOf([loop('l', [step('1')], { limit: 1 }, { onError: { steps: [x] } })])).toEqual(
      at('/steps/1/onError/steps/0'),
    );
  });
});

describe('what always runs to its end', () => {
  const inFinally = (inner: Step) => attempt('t', [step('1')], { finally: [inner] });
  const inUndo = (inner: Step) => step('s', { undo: inner });

  it('is left by nothing', () => {
    for (const x of [exit, leave('break'), leave('continue')]) {
      expect(faultsOf([loop('l', [inFinally(x)])])).toEqual([
        'step.exit_not_allowed /steps/1/steps/0/finally/0/operator',
      ]);
      expect(faultsOf([loop('l', [inUndo(x)])])).toEqual(['step.exit_not_allowed /steps/1/steps/0/undo/operator']);
      expect(faultsOf([loop('l', [inFinally(attempt('u', [x], { catch: [] }))])])).toEqual([
        'step.exit_not_allowed /steps/1/steps/0/finally/0/steps/0/operator',
      ]);
    }
  });

  it('may hold a loop of its own, which is left within it', () => {
    expect(faultsOf([inFinally(loop('l', [leave('break')]))])).toEqual([]);
    expect(faultsOf([inUndo(loop('l', [leave('continue')]))])).toEqual([]);
    expect(faultsOf([inFinally(loop('l', [exit]))])).toEqual([
      'step.exit_not_allowed /steps/1/finally/0/steps/0/operator',
    ]);
  });

  it('says whose it is', () => {
    const { faults } = check({ title: 'A', steps: [TRIGGER, inFinally(exit)] });
    expect(faults[0]?.message).toContain('"finally" of the step "t"');
  });
});

describe('undo', () => {
  it('is not undone itself, at any depth', () => {
    expect(faultsOf([step('1', { undo: step('2', { undo: step('3') }) })])).toEqual([
      'step.undo_nested /steps/1/undo/undo',
    ]);
    expect(faultsOf([step('1', { undo: attempt('2', [step('3', { undo: step('4') })], { catch: [] }) })])).toEqual([
      'step.undo_nested /steps/1/undo/steps/0/undo',
    ]); // prettier-ignore
  });

  it('fails without a handler of its own, and may be a construct that has one', () => {
    expect(faultsOf([step('1', { undo: step('2', { onError: 'continue' }) })])).toEqual([
      'step.undo_on_error /steps/1/undo/onError',
    ]);
    expect(faultsOf([step('1', { undo: step('2', { onError: 'fail' }) })])).toEqual([]);
    expect(
      faultsOf([step('1', { undo: attempt('2', [step('3', { onError: 'continue' })], { catch: [step('4')] }) })]),
    ).toEqual([]);
  });

  it('has nothing to undo of a step that only leaves', () => {
    expect(faultsOf([{ ...exit, undo: step('1') }])).toEqual(['step.field_unexpected /steps/1/undo']);
  });
});

describe('warnings', () => {
  it('tell of settings without effect, and not where something is waited for', () => {
    const settings = { timeout: { delay: 5 } };
    const call = { id: 's', operator: '@subflow/call/workflow', parameters: { dagId: 'x' }, settings };
    expect(warningsOf([{ ...control('c', 'callback'), settings }, call])).toEqual([]);
    expect(
      warningsOf([
        { ...control('w', 'wait', { duration: 'PT1S' }), settings },
        { ...control('a', 'approval', { assignees: ['ann'] }), settings },
        { ...loop('l', [step('1')]), settings },
      ]),
    ).toEqual([1, 2, 3].map((i) => `step.settings_without_effect /steps/${i}/settings`));
  });

  it('tell of a try that catches nothing, and of steps that no iteration reaches', () => {
    expect(warningsOf([attempt('t', [step('1')])])).toEqual(['step.try_without_effect /steps/1']);
    expect(warningsOf([loop('l', [leave('continue'), step('1')])])).toEqual(['step.unreachable /steps/1/steps/1']);
    expect(warningsOf([loop('l', [{ ...leave('continue'), when: '__l.index > 1' }, step('1')])])).toEqual([]);
  });
});
