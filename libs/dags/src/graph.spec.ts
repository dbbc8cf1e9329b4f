import { walkSteps, type Step } from '@flow/operators';
import { step } from '@flow/testing/dags';
import fc from 'fast-check';
import { graphOfDag, mermaidOf } from './graph';
import { arbitraryDefinition } from './testing/arbitrary-dag';

const TRIGGER: Step = { id: '0', operator: '@trigger/manual' };

describe('the picture of a DAG', () => {
  it('draws what follows what, and what stands in which body', () => {
    const steps = [
      TRIGGER,
      step('a', { title: 'First' }),
      step('b', { dependsOn: [] }),
      { id: 'c', operator: '@control/flow/branches', dependsOn: ['a', 'b'], branches: [{ id: 'x', title: 'Yes', steps: [step('d'), step('e')] }, { id: 'y', default: true, steps: [] }] },
    ]; // prettier-ignore
    expect(graphOfDag({ steps })).toEqual({
      nodes: [
        { id: '0', title: '0', operator: '@trigger/manual' },
        { id: 'a', title: 'First', operator: '@internal/define' },
        { id: 'b', title: 'b', operator: '@internal/define' },
        { id: 'c', title: 'c', operator: '@control/flow/branches' },
        { id: 'd', title: 'd', operator: '@internal/define', parent: { id: 'c', body: 'Yes' } },
        { id: 'e', title: 'e', operator: '@internal/define', parent: { id: 'c', body: 'Yes' } },
      ],
      edges: [
        { from: '0', to: 'a', kind: 'next' },
        { from: '0', to: 'b', kind: 'next' },
        { from: 'a', to: 'c', kind: 'next' },
        { from: 'b', to: 'c', kind: 'next' },
        { from: 'c', to: 'd', kind: 'body', label: 'Yes' },
        { from: 'd', to: 'e', kind: 'next' },
      ],
    });
  });

  it('draws every kind of body, each on its own', () => {
    const steps = [
      TRIGGER,
      { id: 't', operator: '@control/flow/try', steps: [step('a')], catch: [step('b')], finally: [step('c')], onError: { steps: [step('d')] }, undo: step('e') },
      { id: 'l', operator: '@control/flow/loop', steps: [step('f')] },
      { id: 'p', operator: '@control/flow/parallel', onError: { steps: [step('g')] }, branches: ['x', 'y', 'onError'].map((id) => ({ id, ...(id !== 'onError' && { title: 'Same' }), steps: [step(`p${id}`)] })) },
    ]; // prettier-ignore
    const { nodes, edges } = graphOfDag({ steps });
    const bodies = nodes.flatMap(({ id, parent }) => (parent ? [[id, parent.id, parent.body]] : []));
    expect(bodies).toEqual([
      ['a', 't', 'steps'],
      ['b', 't', 'catch'],
      ['c', 't', 'finally'],
      ['d', 't', 'onError'],
      ['e', 't', 'undo'],
      ['f', 'l', 'steps'],
      ['px', 'p', 'Same (x)'],
      ['py', 'p', 'Same (y)'],
      ['ponError', 'p', 'onError (onError)'],
      ['g', 'p', 'onError'],
    ]);
    for (const [to, from, label] of bodies) expect(edges).toContainEqual({ from, to, kind: 'body', label });
    expect(mermaidOf({ nodes, edges }).match(/subgraph/g)).toHaveLength(bodies.length);
  });

  it('has every step once, and every edge between two of them', () => {
    fc.assert(
      fc.property(arbitraryDefinition, (definition) => {
        const { nodes, edges } = graphOfDag(definition);
        const ids = nodes.map(({ id }) => id);
        expect(ids).toEqual([...walkSteps(definition.steps)].map(({ step: { id } }) => id));
        for (const { from, to } of edges) expect(ids.includes(from) && ids.includes(to)).toBe(true);
      }),
    );
  });

  it('writes Mermaid in which no word of an author is syntax', () => {
    const steps = [
      TRIGGER,
      step('end"]', { title: '"]; click n0 "javascript:alert(1)" %%{init}%% `#35;` <script>\n subgraph x' }),
      { id: 'c', operator: '@control/flow/branches', branches: [{ id: '"| -->', steps: [step('d')] }] },
    ];
    expect(mermaidOf(graphOfDag({ steps }))).toBe(
      [
        'flowchart TD',
        '  n0["0<br/>@trigger/manual"]',
        '  n1["#34;#93;#59; click n0 #34;javascript:alert(1)#34; #37;#37;#123;init#125;#37;#37; #96;#35;35#59;#96; #60;script#62;#10; subgraph x<br/>@internal/define"]',
        '  n2["c<br/>@control/flow/branches"]',
        '  subgraph b1["#34;#124; --#62;"]',
        '    n3["d<br/>@internal/define"]',
        '  end',
        '  n0 --> n1',
        '  n1 --> n2',
        '  n2 -. "#34;#124; --#62;" .-> n3',
        '',
      ].join('\n'),
    );
  });

  it('writes one line for each node, box and edge, whatever the words', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (title) => {
        const lines = mermaidOf(graphOfDag({ steps: [TRIGGER, step('1', { title })] })).split('\n');
        expect(lines).toHaveLength(5);
        expect(lines[2]).toMatch(/^ {2}n1\["[^"[\]`;<>]*(#\d+;[^"[\]`;<>]*)*<br\/>@internal\/define"\]$/);
      }),
    );
  });
});
