import type { Json } from '@flow/kernel';
import type { Step } from '@flow/operators';
import { step } from '@flow/testing/dags';
import { FORM, branches, check, faultsOf, reads } from './testing/definition-faults';

describe('what an expression may read', () => {
  const value = (i: number) => `/steps/${i}/parameters/value`;

  it('lets a step read those that have ended before it, nested ones included', () => {
    expect(
      faultsOf([
        step('1'),
        branches('2', [[step('3'), branches('4', [[reads('5', '{{__3}}{{__1}}{{__0.x}}')]])]]),
        reads('6', '{{__5}}{{__2}}'),
      ]),
    ).toEqual([]);
  });

  it('refuses itself, later steps, the construct around it and unknown ones', () => {
    expect(faultsOf([reads('1', '{{__1}}'), reads('2', '{{__3}}'), reads('3', '{{__nobody.x}}')])).toEqual([
      `expression.cannot_have_run ${value(1)}`,
      `expression.cannot_have_run ${value(2)}`,
      `expression.unknown_name ${value(3)}`,
    ]);
    expect(faultsOf([branches('1', [[reads('2', '{{__1}}')]])])).toEqual([
      'expression.cannot_have_run /steps/1/branches/0/steps/0/parameters/value',
    ]);
    expect(faultsOf([branches('1', [[step('2')]], { when: '__2 == 1' })])).toEqual([
      'expression.cannot_have_run /steps/1/when',
    ]);
  });

  it('refuses siblings that run side by side, and takes those that are waited for', () => {
    expect(faultsOf([step('a', { dependsOn: [] }), reads('b', '{{__a}}', { dependsOn: [] })])).toEqual([
      `expression.cannot_have_run ${value(2)}`,
    ]);
    const diamond = [
      step('a'),
      step('b', { dependsOn: ['a'] }),
      step('c', { dependsOn: ['a'] }),
      reads('d', '{{__a}}{{__b}}{{__c}}{{__0}}', { dependsOn: ['b', 'c'] }),
    ];
    expect(faultsOf(diamond)).toEqual([]);
  });

  it('lets a branch read earlier ones, but not those that can never have run with it', () => {
    const two = [[step('2')], [reads('3', '{{__2}}')]];
    const at = 'expression.cannot_have_run /steps/1/branches/1/steps/0/parameters/value';
    expect(faultsOf([branches('1', two)])).toEqual([]);
    expect(faultsOf([branches('1', two, { parameters: { exclusive: true } })])).toEqual([at]);
    expect(faultsOf([branches('1', [[reads('2', '{{__3}}')], [step('3')]])])).toEqual([
      'expression.cannot_have_run /steps/1/branches/0/steps/0/parameters/value',
    ]);
    const withDefault = branches('1', two);
    expect(
      faultsOf([
        { ...withDefault, branches: withDefault.branches!.map((branch, i) => ({ ...branch, default: i === 1 })) },
      ]),
    ).toEqual([at]);
  });

  it('knows the bodies of all constructs', () => {
    const [parallel, loop, attempt] = ['parallel', 'loop', 'try'].map((name) => `@control/flow/${name}`) as [
      string,
      string,
      string,
    ];
    const apart = branches('1', [[step('2')], [reads('3', '{{__2}}')]], { operator: parallel });
    expect(faultsOf([apart])).toEqual(['expression.cannot_have_run /steps/1/branches/1/steps/0/parameters/value']);
    expect(
      faultsOf([
        { id: '1', operator: loop, parameters: { limit: 2 }, steps: [reads('2', '{{__1.index}}')] },
        reads('3', '{{__1}}{{__2}}'),
      ]),
    ).toEqual([]);
    const tried: Step = {
      id: '1',
      operator: attempt,
      steps: [step('2')],
      catch: [reads('3', '{{__2}}')],
      finally: [reads('4', '{{__2}}{{__3}}')],
    };
    expect(faultsOf([tried])).toEqual([]);
    expect(faultsOf([{ ...tried, steps: [reads('2', '{{__4}}')] }])).toEqual([
      'expression.cannot_have_run /steps/1/steps/0/parameters/value',
    ]);
  });

  it('reads conditions where the construct stands: all of them before the first branch', () => {
    const sent = branches('1', [[step('2')], [step('3')]]);
    const conditions = [[{ operator: '@internal/cmp/number-gt', parameters: { a: '{{__2}}', b: 1 } }]];
    expect(faultsOf([{ ...sent, branches: [sent.branches![0]!, { ...sent.branches![1]!, conditions }] }])).toEqual([
      'expression.cannot_have_run /steps/1/branches/1/conditions/0/0/parameters/a',
    ]);
  });

  it('knows the names of a run, the variables and the fields of the trigger, and refuses others', () => {
    const text = '{{vars.n}}{{n}}{{url}}{{trigger.url}}{{instance.id}}{{env.HOME}}{{variables.x}}{{task.attempt}}';
    const check2 = (parameters: Record<string, Json>) =>
      check({
        title: 'A',
        vars: { n: { type: 'number' } },
        steps: [FORM, step('1', { parameters: { type: 'string', ...parameters } })],
      });
    expect(check2({ value: text })).toEqual({ faults: [], warnings: [] });
    expect(check2({ value: '{{nn + n}}' }).faults.map(({ code }) => code)).toEqual(['expression.unknown_name']);
    expect(check2({ value: '{{callbacks.x.url}}{{error.code}}' }).faults.map(({ code }) => code)).toEqual([
      'expression.callback_not_allowed',
      'expression.unknown_name',
    ]);
    expect(check2({ value: '{{vars.m}}' }).warnings.map(({ code }) => code)).toEqual([
      'expression.undeclared_variable',
    ]);
    expect(check2({ value: '{{1 +}}' }).faults.map(({ code, pointer }) => `${code} ${pointer}`)).toEqual([
      `expression.invalid ${value(1)}`,
    ]);
  });

  it.each([
    'secrets.a + ""',
    'secrets.a == "x" ? "y" : "n"',
    "secrets['a']",
    'secrets[trigger.name]',
    'secrets',
    'secrets.a.b',
    'has(secrets.a)',
    '[secrets].map(s, s.a)',
    'secrets.a.substring(0, 1)',
    'secrets.a + secrets.b',
  ])('takes no expression over a secret, not where secrets may stand either: %s', (expression) => {
    const parameters = { url: 'https://x', headers: { authorization: `Bearer {{${expression}}}` } };
    const faults = faultsOf([step('1', { operator: '@http/request', parameters })]);
    expect(faults).toContain('expression.secret_not_allowed /steps/1/parameters/headers/authorization');
  });

  it('takes secrets only where the operator marks them', () => {
    const call = (parameters: Record<string, Json>) => faultsOf([{ id: '1', operator: '@http/request', parameters }]);
    expect(call({ url: 'https://x', headers: { authorization: 'Bearer {{secrets.token}}' } })).toEqual([]);
    expect(call({ url: 'https://x/{{secrets.token}}' })).toEqual([
      'expression.secret_not_allowed /steps/1/parameters/url',
    ]);
    expect(faultsOf([step('1', { when: 'secrets.a == "b"' })])).toEqual([
      'expression.secret_not_allowed /steps/1/when',
    ]);
  });

  it('reads the outputs of the DAG at its end', () => {
    expect(faultsOf([branches('1', [[step('2')]])], { outputs: { a: '{{__1}}', b: ['{{__2.x}}'] } })).toEqual([]);
    expect(faultsOf([], { outputs: { a: '{{__9}}', b: '{{task.path}}' } })).toEqual([
      'expression.unknown_name /outputs/a',
      'expression.unknown_name /outputs/b',
    ]);
  });
});

describe('assignments', () => {
  const vars = { n: { type: 'number' }, m: { type: 'number' } };
  const assign = (id: string, target: string, fields: Partial<Step> = {}): Step => ({
    id,
    operator: '@internal/assign',
    parameters: { target, value: 1 },
    ...fields,
  });

  it('go to declared variables and to steps that have ended', () => {
    expect(
      faultsOf([step('1'), assign('2', '{{vars.n}}'), assign('3', '{{ n.a.0 }}'), assign('4', '{{__1.x}}')], { vars }),
    ).toEqual([]);
    expect(
      faultsOf([assign('1', '{{vars.x}}'), assign('2', '{{__9}}'), assign('3', 'n'), assign('4', '{{n + 1}}')], {
        vars,
      }),
    ).toEqual([
      'step.parameters_invalid /steps/3/parameters/target',
      'expression.unknown_name /steps/1/parameters/target',
      'expression.unknown_name /steps/2/parameters/target',
      'assign.target_invalid /steps/3/parameters/target',
      'assign.target_invalid /steps/4/parameters/target',
    ]);
  });

  it('may not meet: two steps that can run at the same time assign different variables', () => {
    const together = (a: string, b: string) =>
      faultsOf([assign('1', a, { dependsOn: [] }), assign('2', b, { dependsOn: [] })], { vars });
    expect(together('{{vars.n}}', '{{vars.m}}')).toEqual([]);
    expect(together('{{vars.n.a}}', '{{n}}')).toEqual(['step.race /steps/2/parameters/target']);
    expect(faultsOf([assign('1', '{{n}}'), assign('2', '{{n}}')], { vars })).toEqual([]);
    expect(faultsOf([branches('1', [[assign('2', '{{n}}')], [assign('3', '{{n}}')]])], { vars })).toEqual([]);
    const apart = branches('1', [[assign('2', '{{n}}')], [assign('3', '{{n}}')]], {
      operator: '@control/flow/parallel',
    });
    expect(faultsOf([apart], { vars })).toEqual(['step.race /steps/1/branches/1/steps/0/parameters/target']);
    const loop: Step = {
      id: '1',
      operator: '@control/flow/loop',
      parameters: { limit: 9, concurrency: 4 },
      steps: [assign('2', '{{n}}')],
    };
    expect(faultsOf([loop], { vars })).toEqual(['step.race /steps/1/steps/0/parameters/target']);
  });
});
