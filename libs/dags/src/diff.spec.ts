import { bodiesOf, walkSteps, type Step } from '@flow/operators';
import { aDag, step } from '@flow/testing/dags';
import fc from 'fast-check';
import { contentOf, type DagContent } from './dag';
import { diffDags } from './diff';
import { arbitraryDefinition } from './testing/arbitrary-dag';

const content = (steps: readonly Step[], fields: Partial<DagContent> = {}): DagContent => ({
  ...contentOf(aDag({ title: 'A flow', steps })),
  ...fields,
});
const branches = (id: string, ...bodies: (readonly Step[])[]): Step => ({
  id,
  operator: '@control/flow/branches',
  branches: bodies.map((steps, i) => ({ id: `b${i}`, steps })),
});
const NOTHING = { added: [], removed: [], moved: [], changed: [], fields: [] };
const idsIn = (steps: readonly Step[]) => [...walkSteps(steps)].map(({ step: { id } }) => id).sort();

describe('the difference of two versions', () => {
  it('is nothing between a version and itself', () => {
    fc.assert(
      fc.property(arbitraryDefinition, (definition) => {
        const one = contentOf(definition);
        expect(diffDags(one, JSON.parse(JSON.stringify(one)) as DagContent)).toEqual(NOTHING);
      }),
    );
  });

  it('names what came and what went, at every level', () => {
    const diff = diffDags(
      content([step('1'), branches('2', [step('3')])]),
      content([branches('2', [step('4')]), step('5')]),
    );
    expect(diff).toEqual({
      ...NOTHING,
      added: [{ stepId: '4' }, { stepId: '5' }],
      removed: [{ stepId: '1' }, { stepId: '3' }],
    });
  });

  it('names the fewest steps that explain a new order', () => {
    const order = (ids: string) => content(Array.from(ids, (id) => step(id)));
    expect(diffDags(order('abcde'), order('eabcd'))).toEqual({ ...NOTHING, moved: [{ stepId: 'e' }] });
    expect(diffDags(order('abcde'), order('bcdea'))).toEqual({ ...NOTHING, moved: [{ stepId: 'a' }] });
    expect(diffDags(order('abc'), order('axc')).moved).toEqual([]);
  });

  it('says that a step moved when it stands in another body', () => {
    expect(
      diffDags(content([step('1'), branches('2', [], [])]), content([branches('2', [], [step('1')])])).moved,
    ).toEqual([{ stepId: '1' }]);
    expect(
      diffDags(content([branches('2', [step('1')], [])]), content([branches('2', [], [step('1')])])).moved,
    ).toEqual([{ stepId: '1' }]);
  });

  it('knows every kind of body, and that an empty one means something', () => {
    const attempt = (bodies: Partial<Step>): DagContent =>
      content([{ id: 't', operator: '@control/flow/try', steps: [step('1')], ...bodies }]);
    const whole = { catch: [step('2')], finally: [step('3')], onError: { steps: [step('4')] }, undo: step('5') };
    expect(diffDags(attempt({}), attempt(whole))).toEqual({
      ...NOTHING,
      added: ['2', '3', '4', '5'].map((stepId) => ({ stepId })),
      changed: [
        {
          stepId: 't',
          changes: [
            { pointer: '/catch', to: 'steps' },
            { pointer: '/finally', to: 'steps' },
            { pointer: '/undo', to: '5' },
            { pointer: '/onError', to: 'steps' },
          ],
        },
      ],
    });
    expect(diffDags(attempt({ catch: [] }), attempt({})).changed).toHaveLength(1);
    expect(
      diffDags(attempt({ catch: [step('2')], finally: [] }), attempt({ catch: [], finally: [step('2')] })),
    ).toEqual({
      ...NOTHING,
      moved: [{ stepId: '2' }],
    });
  });

  it('points at the innermost values that changed, each before and after', () => {
    const before = step('1', { parameters: { a: { b: [1, 2], 'c/d': 1 }, gone: true } });
    const after = step('1', { parameters: { a: { b: [1, 3], 'c/d': 2 }, come: null }, title: 'T' });
    expect(diffDags(content([before]), content([after])).changed).toEqual([
      {
        stepId: '1',
        changes: [
          { pointer: '/parameters/a/b/1', from: 2, to: 3 },
          { pointer: '/parameters/a/c~1d', from: 1, to: 2 },
          { pointer: '/parameters/gone', from: true },
          { pointer: '/parameters/come', to: null },
          { pointer: '/title', to: 'T' },
        ],
      },
    ]);
  });

  it('tells a construct by its own fields: what is in its bodies is told by the steps there', () => {
    const before = branches('1', [step('2', { parameters: { type: 'string', value: 'a' } })]);
    const after = branches('1', [step('2', { parameters: { type: 'string', value: 'b' } })]);
    expect(diffDags(content([before]), content([after])).changed.map(({ stepId }) => stepId)).toEqual(['2']);
    const titled: Step = { ...after, branches: [{ ...after.branches![0]!, expression: 'true' }] };
    expect(diffDags(content([after]), content([titled])).changed).toEqual([
      { stepId: '1', changes: [{ pointer: '/branches/0/expression', to: 'true' }] },
    ]);
  });

  it('tells what changed beside the steps', () => {
    const diff = diffDags(
      content([], { vars: { n: { type: 'number', default: 1 } } }),
      content([], { title: 'B', vars: {}, timeout: 'PT1S' }),
    );
    expect(diff.fields).toEqual([
      { pointer: '/title', from: 'A flow', to: 'B' },
      { pointer: '/vars/n', from: { type: 'number', default: 1 } },
      { pointer: '/timeout', to: 'PT1S' },
    ]);
  });

  it('accounts for every step of both sides', () => {
    fc.assert(
      fc.property(arbitraryDefinition, arbitraryDefinition, (a, b) => {
        const { added, removed, moved, changed } = diffDags(contentOf(a), contentOf(b));
        const ids = (list: readonly { stepId: string }[]) => list.map(({ stepId }) => stepId);
        const before = idsIn(a.steps);
        const after = idsIn(b.steps);
        expect([...before.filter((id) => !ids(removed).includes(id)), ...ids(added)].sort()).toEqual(after);
        for (const id of [...ids(moved), ...ids(changed)]) expect(before.includes(id) && after.includes(id)).toBe(true);
        // Putting the moved ones aside, both sides have the rest in the same order within the same bodies.
        const rest = (steps: readonly Step[], others: ReadonlySet<string>): unknown[] => {
          const orders: unknown[] = [];
          const visit = (list: readonly Step[], body: string) => {
            const kept = list.map(({ id }) => id).filter((id) => !others.has(id));
            if (kept.length > 0) orders.push([body, kept]);
            for (const one of list)
              for (const inner of bodiesOf(one)) visit(inner.steps, `${one.id} ${inner.branch?.id ?? ''}`);
          };
          visit(steps, '');
          return orders.map((order) => JSON.stringify(order)).sort();
        };
        const aside = (extra: readonly { stepId: string }[]) => new Set([...ids(moved), ...ids(extra)]);
        expect(rest(a.steps, aside(removed))).toEqual(rest(b.steps, aside(added)));
      }),
    );
  });
});
