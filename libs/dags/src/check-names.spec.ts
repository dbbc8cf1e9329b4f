import type { Json } from '@flow/kernel';
import type { Step } from '@flow/operators';
import { step } from '@flow/testing/dags';
import { assign, attempt, control, loop, parallel } from './testing/constructs';
import { branches, faultsOf, reads } from './testing/definition-faults';

/** Codes alone: where each stands is told by the definition. */
const codes = (steps: readonly Step[], fields: object = {}) =>
  faultsOf(steps, fields).map((text) => text.split(' ')[0]);
const CANNOT = ['expression.cannot_have_run'];
const UNKNOWN = ['expression.unknown_name'];
const NO_CALLBACK = ['expression.callback_not_allowed'];

describe('within a loop', () => {
  const array = { mode: 'array', array: [1] };

  it('its index and value are there, at any depth, and nothing else of it', () => {
    expect(codes([loop('l', [reads('1', '{{__l.index}}{{__l.value.x}}')], array)])).toEqual([]);
    expect(codes([loop('l', [parallel('p', [[reads('1', '{{__l.index + 1}}')]])], array)])).toEqual([]);
    expect(codes([loop('l', [step('1', { onError: { steps: [reads('2', '{{__l.index}}')] } })])])).toEqual([]);
    expect(codes([loop('l', [step('1', { undo: reads('2', '{{__l.index}}') })])])).toEqual([]);
    for (const text of ['{{__l}}', '{{__l.outputs.x}}', '{{__l.iterations}}', "{{__l['index']}}"])
      expect([text, codes([loop('l', [reads('1', text)], array)])]).toEqual([
        text,
        text.includes("'index'") ? [] : CANNOT,
      ]);
    expect(codes([loop('l', [assign('1', '{{__l.index}}')])])).toEqual(['assign.target_invalid']);
  });

  it('the condition reads the iteration before, outputs their own', () => {
    const whileLoop = (condition: string) => loop('l', [step('1'), branches('b', [[step('2')]])], { mode: 'while', while: condition });
    expect(codes([step('0a'), whileLoop('__1.x == __2.y && __l.index < 3 || __0a.z')])).toEqual([]);
    for (const condition of ['__l.value', '__l.outputs.x', '__9.x', '__later.x'])
      expect([condition, codes([whileLoop(condition), step('later')]).length]).toEqual([condition, 1]);
    const ends = (value: Json) => loop('l', [step('1'), branches('b', [[step('2')]])], { limit: 1, outputs: [{ key: 'k', value }] });
    expect(codes([ends({ a: ['{{__1.x}}', '{{__2}}', '{{__l.index}}', '{{__l.value}}'] })])).toEqual([]);
    for (const text of ['{{__l.outputs.k}}', '{{__later}}', '{{__9}}', '{{1 +}}', '{{secrets.a}}', '{{nobody}}'])
      expect([text, codes([ends(text), step('later')]).length]).toEqual([text, 1]);
  }); // prettier-ignore

  it('its limits are read before it', () => {
    expect(faultsOf([loop('l', [step('1')], { limit: '{{__1.n}}' })])).toEqual([
      'expression.cannot_have_run /steps/1/parameters/limit',
    ]);
    expect(faultsOf([loop('l', [step('1')], { mode: 'while', while: '1 +' })])).toEqual([
      'expression.invalid /steps/1/parameters/while',
    ]);
  });

  it('a step reads nothing of the iteration before', () => {
    expect(codes([loop('l', [reads('1', '{{__2}}'), step('2')])])).toEqual(CANNOT);
  });

  it('what undoes a step is no output', () => {
    const undone = [step('1', { undo: step('u') })];
    expect(codes([loop('l', undone, { limit: 1, outputs: [{ key: 'k', value: '{{__u}}' }] })])).toEqual(CANNOT);
  });
});

describe('behind a construct', () => {
  it('everything within it can be read through it', () => {
    expect(
      codes([
        parallel('p', [[step('1')], [step('2')]]),
        loop('l', [step('3'), attempt('t', [step('4')], { catch: [step('5')], finally: [step('6')] })]),
        step('7', { onError: { steps: [step('8')] } }),
        reads('r', '{{__1}}{{__2}}{{__3}}{{__4}}{{__5}}{{__6}}{{__8}}{{__7.error.code}}{{__l.outputs.k}}{{__t.caught}}{{__p.winners}}'),
      ]),
    ).toEqual([]);
  }); // prettier-ignore

  it('branches of a parallel do not read each other', () => {
    expect(codes([parallel('p', [[step('1')], [reads('2', '{{__1}}')]])])).toEqual(CANNOT);
    expect(codes([parallel('p', [[reads('1', '{{__2}}')], [step('2')]])])).toEqual(CANNOT);
  });

  it('parts of a try read those before them', () => {
    const parts = (a: string, b: string, c: string) =>
      attempt('t', [step('1'), reads('2', a)], { catch: [step('3'), reads('4', b)], finally: [reads('5', c)] });
    expect(codes([parts('{{__1}}', '{{__1}}{{__2}}{{__3}}', '{{__1}}{{__2}}{{__3}}{{__4}}')])).toEqual([]);
    expect(codes([parts('{{__3}}', '{{__5}}', '{{__t}}')])).toHaveLength(3);
  });
});

describe('a failure', () => {
  it('is read where it is handled, at any depth', () => {
    const read = reads('r', '{{error.code}}{{error.message}}{{error}}');
    for (const around of [
      read,
      branches('b', [[read]]),
      loop('l', [read]),
      step('s', { onError: { steps: [read] } }),
    ]) {
      expect(codes([attempt('t', [step('1')], { catch: [around] })])).toEqual([]);
      expect(codes([step('f', { onError: { steps: [around] } })])).toEqual([]);
    }
  });

  it('is there nowhere else', () => {
    const read = reads('r', '{{error.code}}');
    expect(codes([read])).toEqual(UNKNOWN);
    expect(codes([attempt('t', [read], { catch: [] })])).toEqual(UNKNOWN);
    expect(codes([attempt('t', [step('1')], { finally: [read] })])).toEqual(UNKNOWN);
    expect(codes([attempt('t', [step('1')], { catch: [step('2', { undo: read })] })])).toEqual(UNKNOWN);
    expect(codes([step('1', { when: 'error.code == "x"', onError: 'continue' })])).toEqual(UNKNOWN);
    expect(codes([], { outputs: { a: '{{error}}' } })).toEqual(UNKNOWN);
  });

  it('takes the place of the output while it is handled', () => {
    expect(codes([step('1', { onError: { steps: [reads('2', '{{__1.error.code}}')] } })])).toEqual(CANNOT);
    expect(
      codes([loop('l', [step('1')], { limit: 1 }, { onError: { steps: [reads('2', '{{__l.index}}')] } })]),
    ).toEqual(CANNOT);
    // What ran within the construct that failed can be read, and what was before it.
    expect(
      codes([
        step('0a'),
        loop('l', [step('1')], { limit: 1 }, { onError: { steps: [reads('2', '{{__1}}{{__0a}}')] } }),
      ]),
    ).toEqual([]);
  });

  it('that was handled can be read later', () => {
    expect(codes([step('1', { onError: 'continue' }), reads('2', '{{__1.error.code}}')])).toEqual([]);
  });
});

describe('what is undone', () => {
  const undone = (read: Step) => [step('1'), step('2', { undo: read }), step('3')];

  it('is read by its undo, with everything before it', () => {
    const text = '{{completed.parameters.a}}{{completed.output}}{{completed}}{{__2.x}}{{__1}}{{__0.x}}';
    expect(codes(undone(reads('u', text)))).toEqual([]);
    expect(codes(undone(attempt('t', [reads('u', text)], { catch: [] })))).toEqual([]);
    expect(codes([loop('l', [step('1')], { limit: 1 }, { undo: reads('u', '{{__1}}{{__l.outputs.k}}') })])).toEqual([]);
  });

  it('has parameters and output, nothing else', () => {
    expect(codes(undone(reads('u', '{{completed.result}}')))).toEqual(UNKNOWN);
    expect(codes(undone(reads('u', '{{__3}}')))).toEqual(CANNOT);
  });

  it('is nothing elsewhere, even if a variable has the name', () => {
    expect(codes([reads('1', '{{completed.output}}')])).toEqual(UNKNOWN);
    const vars = { completed: { type: 'boolean' } };
    expect(codes([reads('1', '{{completed}}')], { vars })).toEqual(UNKNOWN);
    expect(codes([reads('1', '{{vars.completed}}')], { vars })).toEqual([]);
  });

  it('is undone where nobody reads it', () => {
    expect(codes([step('1', { undo: step('u') }), reads('2', '{{__u}}')])).toEqual(CANNOT);
    expect(codes([step('1', { undo: step('u') }), step('2', { undo: reads('v', '{{__u}}') })])).toEqual(CANNOT);
    expect(codes([step('1', { undo: step('u') })], { outputs: { a: '{{__u}}' } })).toEqual(CANNOT);
  });
});

describe('the address of a callback', () => {
  const send = (id: string, text: string, fields: Partial<Step> = {}): Step => ({
    id,
    operator: '@http/request',
    parameters: { url: 'https://x', headers: { 'x-answer-to': text } },
    ...fields,
  });
  const answer = control('c', 'callback');
  const url = '{{callbacks.c.url}}';

  it('is sent out by steps before it, in its body or in those within', () => {
    expect(codes([send('1', url), answer])).toEqual([]);
    expect(codes([reads('1', `to ${url}!`), answer])).toEqual([]);
    expect(codes([branches('b', [[loop('l', [send('1', url)])]]), answer])).toEqual([]);
    expect(codes([loop('l', [send('1', url), answer])])).toEqual([]);
    expect(codes([send('1', url, { dependsOn: [] }), control('c', 'callback', {})])).toEqual([]);
    expect(codes([send('1', "{{callbacks.'the answer'.url}}"), control('the answer', 'callback')])).toEqual([]);
    expect(codes([send('1', url, { dependsOn: ['0'] }), { ...answer, dependsOn: ['0'] }])).toEqual([]);
  });

  it.each<[string, readonly Step[]]>([
    ['after it', [answer, send('1', url)]],
    ['from outside of its body', [send('1', url), loop('l', [answer])]],
    ['from another branch', [branches('b', [[send('1', url)], [answer]])]],
    ['while its failure is handled', [{ ...answer, onError: { steps: [send('1', url)] } }]],
    ['when a step is undone', [step('0a', { undo: send('1', url) }), answer]],
    ['of no step', [send('1', '{{callbacks.nobody.url}}')]],
    ['of a step that waits for none', [step('c'), send('1', url), step('d')]],
    ['by a condition', [step('1', { when: 'callbacks.c.url != null' }), answer]],
    ['by an assignment', [assign('1', '{{vars.n}}', { parameters: { target: '{{vars.n}}', value: url } }), answer]],
    ['by a sub-flow', [{ id: '1', operator: '@subflow/call/workflow', parameters: { dagId: 'x', data: { url } } }, answer]],
  ])('is not sent out %s', (_when, steps) => {
    expect(codes(steps, { vars: { n: { type: 'any' } } })).toEqual(NO_CALLBACK);
  }); // prettier-ignore

  it.each(['{{callbacks.c}}', '{{callbacks}}', '{{callbacks.c.token}}', '{{callbacks.c.url + "?a"}}', '{{callbacks[vars.x].url}}', '{{upper(callbacks.c.url)}}'])(
    'stands alone between its braces: %s is refused',
    (text) => {
      expect(new Set(codes([send('1', text), answer]))).toEqual(new Set(NO_CALLBACK));
    },
  ); // prettier-ignore

  it('stands in no output', () => {
    expect(codes([answer], { outputs: { a: url } })).toEqual(NO_CALLBACK);
    expect(codes([loop('l', [step('1'), answer], { limit: 1, outputs: [{ key: 'k', value: url }] })])).toEqual(
      NO_CALLBACK,
    );
  });

  it('of an action that waits for its own answer is its own', () => {
    const own = (text: string, parameters: object) => step('s', { parameters: { type: 'string', value: text, ...parameters } });
    const faults = codes([own('{{callbacks.s.url}}', { callback: true })]);
    expect(faults).toEqual(['step.parameters_invalid']);
    expect(codes([own('{{callbacks.s.url}}', {})])).toEqual(NO_CALLBACK);
  }); // prettier-ignore
});
