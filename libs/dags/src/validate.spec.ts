import type { Json } from '@flow/kernel';
import { OperatorCatalogue, type Operator, type Step } from '@flow/operators';
import { aCatalogue, laterConstructs, step } from '@flow/testing/dags';
import fc from 'fast-check';
import { DagLimits } from './dag-limits';
import { checkDag } from './validate';

const catalogue = aCatalogue();
const limits = new DagLimits();

function check(sent: unknown, options: { catalogue?: OperatorCatalogue; limits?: DagLimits } = {}) {
  return checkDag(sent, { catalogue, limits, ...options });
}

const TRIGGER: Step = { id: '0', operator: '@trigger/manual' };
const FORM: Step = {
  id: '0',
  operator: '@trigger/form',
  parameters: { fields: [{ key: 'url', type: 'string', required: true }] },
};

/** Faults of a DAG with these steps behind a trigger, as `code pointer`. */
function faultsOf(steps: readonly Step[], fields: object = {}, later: readonly Operator[] = []): string[] {
  const sent = { title: 'A flow', steps: [TRIGGER, ...steps], ...fields };
  return check(sent, { catalogue: later.length > 0 ? aCatalogue(...later) : catalogue }).faults.map(
    ({ code, pointer }) => `${code} ${pointer}`,
  );
}

const reads = (id: string, text: string, fields: Partial<Step> = {}) =>
  step(id, { parameters: { type: 'string', value: text }, ...fields });
const branches = (id: string, bodies: readonly (readonly Step[])[], fields: Partial<Step> = {}): Step => ({
  id,
  operator: '@control/flow/branches',
  branches: bodies.map((steps, i) => ({ id: `${id}${'abcdef'.charAt(i)}`, steps })),
  ...fields,
});

type Loose = { parameters: { url: string }; settings: { retry: { max: number } } };
type LooseBranch = { conditions: [[{ operator: string }]]; steps: [{ id: string; operator: string }] };

describe('the example of the contract', () => {
  const example = {
    title: 'Nightly invoices',
    description: '',
    status: 'normal',
    vars: { limit: { type: 'number', default: 100 } },
    timeout: 'PT1H',
    steps: [
      FORM,
      {
        id: '1',
        title: 'Fetch',
        operator: '@http/request',
        parameters: { method: 'GET', url: '{{__0.url}}' },
        settings: { retry: { max: 5, delay: 1, backoff: 'exponential', maxDelay: 60 }, timeout: { delay: 30 } },
      },
      {
        id: '2',
        operator: '@control/flow/branches',
        branches: [
          {
            id: '2a',
            conditions: [
              [{ id: 'c1', operator: '@internal/cmp/number-gt', parameters: { a: '{{__1.status}}', b: 299 } }],
            ],
            steps: [
              { id: '3', operator: '@internal/return', parameters: { result: 'failed', status: '{{__1.status}}' } },
            ],
          },
          {
            id: '2b',
            default: true,
            steps: [{ id: '4', operator: '@internal/return', parameters: { body: '{{__1.body}}' } }],
          },
        ],
      },
    ],
  };

  it('is valid, without a warning', () => {
    expect(check(example)).toEqual({ faults: [], warnings: [] });
  });

  it('shows every fault of every level in one answer', () => {
    const broken = structuredClone(example) as unknown as {
      title: string;
      colour?: string;
      steps: [Step, Loose, { branches: [LooseBranch, LooseBranch] }];
    };
    broken.title = 'a/b';
    broken.colour = 'red';
    broken.steps[1].settings.retry.max = 11;
    broken.steps[1].parameters.url = '{{__9.url}}';
    broken.steps[2].branches[0].conditions[0][0].operator = '@internal/cmp/like';
    broken.steps[2].branches[0].steps[0].id = '1';
    broken.steps[2].branches[1].steps[0].operator = '@nobody/knows';
    expect(
      check(broken)
        .faults.map(({ code, pointer }) => `${code} ${pointer}`)
        .sort(),
    ).toEqual(
      [
        'field.invalid /title',
        'field.unknown /colour',
        'field.invalid /steps/1/settings/retry/max',
        'expression.unknown_name /steps/1/parameters/url',
        'step.comparison_unknown /steps/2/branches/0/conditions/0/0/operator',
        'step.id_duplicate /steps/2/branches/0/steps/0/id',
        'operator.not_available /steps/2/branches/1/steps/0/operator',
      ].sort(),
    );
  });
});

describe('the shape', () => {
  it.each([
    ['a title of 129 characters', { title: 'x'.repeat(129) }, 'field.too_long /title'],
    ['an empty title', { title: '' }, 'field.invalid /title'],
    ['a title of spaces', { title: '   ' }, 'field.invalid /title'],
    ['a control character in the title', { title: 'a\nb' }, 'field.invalid /title'],
    ['U+0000 in a text', { description: 'a\u0000' }, 'text.not_storable /description'],
    ['U+0000 in a key', { labels: { 'a\u0000': '' } }, 'text.not_storable /labels'],
    ['half of a surrogate pair', { description: '\ud83d' }, 'text.not_storable /description'],
    ['a description of 301 characters', { description: 'x'.repeat(301) }, 'field.too_long /description'],
    ['an unknown status', { status: 'paused' }, 'field.invalid /status'],
    ['a tag twice', { tags: ['a', 'a'] }, 'field.invalid /tags'],
    ['a variable that starts with __', { vars: { __x: { type: 'any' } } }, 'field.invalid /vars/__x'],
    ['a variable without a type', { vars: { x: {} } }, 'field.missing /vars/x/type'],
    [
      'a default of another type',
      { vars: { x: { type: 'number', default: '1' } } },
      'var.default_invalid /vars/x/default',
    ],
    ['a timeout that is no duration', { timeout: '30s' }, 'field.invalid /timeout'],
    ['a timeout of nothing', { timeout: 'PT0S' }, 'field.invalid /timeout'],
    ['a version with leading zeros', { version: 'v1.02.0' }, 'field.invalid /version'],
    ['a field of a step that is unknown', { steps: [{ ...TRIGGER, retries: 3 }] }, 'field.unknown /steps/0/retries'],
    ['no steps', { steps: [] }, 'field.invalid /steps'],
  ])('refuses %s', (_what, fields, fault) => {
    const { faults } = check({ title: 'A flow', steps: [TRIGGER], ...fields });
    expect(faults.map(({ code, pointer }) => `${code} ${pointer}`)).toEqual([fault]);
  });

  it('takes titles of 128 characters in any script', () => {
    expect(check({ title: `日本語 – Ünï${'😀'.repeat(119)}`, steps: [TRIGGER] }).faults).toEqual([]);
  });

  it.each([
    ['startBy', { startBy: 'PT1H' }, 'dag.feature_unavailable /startBy'],
    ['concurrency', { concurrency: { max: 1 } }, 'dag.feature_unavailable /concurrency'],
    ['rateLimit', { rateLimit: { max: 1 } }, 'dag.feature_unavailable /rateLimit'],
    ['retention', { retention: 'P30D' }, 'dag.feature_unavailable /retention'],
    ['onFailure', { onFailure: { operator: '@http/request' } }, 'dag.feature_unavailable /onFailure'],
  ])('refuses %s, which is not built yet, instead of ignoring it', (_field, fields, fault) => {
    expect(faultsOf([], fields)).toEqual([fault]);
  });

  it('refuses undo and the handling of failures, and takes what happens anyway', () => {
    expect(faultsOf([step('1', { onError: 'continue' }), step('2', { undo: step('3') })])).toEqual([
      'step.feature_unavailable /steps/1/onError',
      'step.feature_unavailable /steps/2/undo',
    ]);
    expect(faultsOf([step('1', { onError: 'fail' })])).toEqual([]);
  });

  it('refuses keys that name JavaScript itself, at any depth', () => {
    const sent: unknown = JSON.parse(
      '{"title":"A","steps":[{"id":"0","operator":"@trigger/manual","parameters":{"a":[{"__proto__":{"x":1}}]}}],"constructor":1}',
    );
    expect(check(sent).faults.map(({ code, pointer }) => `${code} ${pointer}`)).toEqual([
      'key.forbidden /constructor',
      'key.forbidden /steps/0/parameters/a/0/__proto__',
    ]);
  });
});

describe('operators and parameters', () => {
  it('wants a trigger first and nowhere else', () => {
    expect(check({ title: 'A', steps: [step('1'), TRIGGER] }).faults.map(({ code }) => code)).toEqual([
      'dag.trigger_missing',
      'step.trigger_misplaced',
    ]);
    expect(faultsOf([branches('1', [[{ id: '2', operator: '@trigger/manual' }]])])).toEqual([
      'step.trigger_misplaced /steps/1/branches/0/steps/0/operator',
    ]);
  });

  it('checks parameters against the schema of the operator, texts with expressions aside', () => {
    const call = (parameters: Record<string, Json>) => faultsOf([{ id: '1', operator: '@http/request', parameters }]);
    expect(call({ url: 'x', retries: '{{__0.n}}' })).toEqual([]);
    expect(call({ url: 'x', retries: 'three' })).toEqual(['step.parameters_invalid /steps/1/parameters/retries']);
    expect(call({ url: 'x', colour: '{{__0.n}}' })).toEqual(['step.parameters_invalid /steps/1/parameters/colour']);
    expect(call({})).toEqual(['step.parameters_invalid /steps/1/parameters/url']);
  });

  it('refuses bodies on steps that have none, and constructs without their bodies', () => {
    expect(faultsOf([step('1', { steps: [step('2')] })])).toEqual(['step.body_unexpected /steps/1/steps']);
    expect(faultsOf([{ id: '1', operator: '@control/flow/branches' }])).toEqual(['field.missing /steps/1/branches']);
    expect(faultsOf([branches('1', [])])).toEqual(['step.body_empty /steps/1/branches']);
  });

  it('checks the bodies of constructs that are not available, too', () => {
    const loop: Step = { id: '1', operator: '@control/flow/loop', steps: [{ id: '2', operator: '@nobody/knows' }] };
    expect(faultsOf([loop])).toEqual([
      'operator.not_available /steps/1/operator',
      'operator.not_available /steps/1/steps/0/operator',
    ]);
  });

  it('wants one default at most, without conditions, and conditions or an expression', () => {
    const odd = branches('1', [[], [], []]);
    const [a, b, c] = odd.branches!;
    const sent = {
      ...odd,
      branches: [
        { ...a!, default: true, expression: 'true' },
        { ...b!, default: true },
        { ...c!, conditions: [], expression: 'true' },
      ],
    };
    expect(faultsOf([sent])).toEqual([
      'branch.ambiguous /steps/1/branches/0/default',
      'branch.default_duplicate /steps/1/branches/1/default',
      'branch.ambiguous /steps/1/branches/2/expression',
    ]);
  });

  it('takes no expressions in a trigger', () => {
    const form = { ...FORM, parameters: { fields: [{ key: '{{vars.x}}' }] } };
    expect(check({ title: 'A', steps: [form] }).faults.map(({ code }) => code)).toEqual(['expression.not_allowed']);
  });
});

describe('the order of steps', () => {
  it('refuses steps that wait for each other, and names only those', () => {
    const steps = [
      step('a', { dependsOn: ['c'] }),
      step('b', { dependsOn: ['a'] }),
      step('c', { dependsOn: ['b'] }),
      step('d'),
    ];
    expect(faultsOf(steps)).toEqual([
      'step.cycle /steps/1/dependsOn',
      'step.cycle /steps/2/dependsOn',
      'step.cycle /steps/3/dependsOn',
    ]);
  });

  it('refuses a step that waits for itself, for nobody, or for a step of another body', () => {
    expect(
      faultsOf([step('a', { dependsOn: ['a', 'x', 'c'] }), branches('b', [[step('c', { dependsOn: ['a'] })]])]),
    ).toEqual([
      'step.cycle /steps/1/dependsOn/0',
      'step.dependency_unknown /steps/1/dependsOn/1',
      'step.dependency_unknown /steps/1/dependsOn/2',
      'step.dependency_unknown /steps/2/branches/0/steps/0/dependsOn/0',
    ]);
  });

  it('warns of steps behind an unconditional return', () => {
    const { faults, warnings } = check({
      title: 'A',
      steps: [TRIGGER, { id: '1', operator: '@internal/return' }, step('2')],
    });
    expect([faults, warnings.map(({ code, pointer }) => `${code} ${pointer}`)]).toEqual([
      [],
      ['step.unreachable /steps/2'],
    ]);
  });
});

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

  it('knows the bodies of the constructs that come later', () => {
    const later = laterConstructs();
    const [parallel, loop, attempt] = ['parallel', 'loop', 'try'].map((name) => `@control/flow/${name}`) as [
      string,
      string,
      string,
    ];
    const apart = branches('1', [[step('2')], [reads('3', '{{__2}}')]], { operator: parallel });
    expect(faultsOf([apart], {}, later)).toEqual([
      'expression.cannot_have_run /steps/1/branches/1/steps/0/parameters/value',
    ]);
    expect(
      faultsOf(
        [{ id: '1', operator: loop, steps: [reads('2', '{{__1.index}}')] }, reads('3', '{{__1}}{{__2}}')],
        {},
        later,
      ),
    ).toEqual([]);
    const tried: Step = {
      id: '1',
      operator: attempt,
      steps: [step('2')],
      catch: [reads('3', '{{__2}}')],
      finally: [reads('4', '{{__2}}{{__3}}')],
    };
    expect(faultsOf([tried], {}, later)).toEqual([]);
    expect(faultsOf([{ ...tried, steps: [reads('2', '{{__4}}')] }], {}, later)).toEqual([
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
      'expression.unknown_name',
      'expression.unknown_name',
    ]);
    expect(check2({ value: '{{vars.m}}' }).warnings.map(({ code }) => code)).toEqual([
      'expression.undeclared_variable',
    ]);
    expect(check2({ value: '{{1 +}}' }).faults.map(({ code, pointer }) => `${code} ${pointer}`)).toEqual([
      `expression.invalid ${value(1)}`,
    ]);
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
    expect(faultsOf([apart], { vars }, laterConstructs())).toEqual([
      'step.race /steps/1/branches/1/steps/0/parameters/target',
    ]);
    const loop: Step = {
      id: '1',
      operator: '@control/flow/loop',
      parameters: { concurrency: 4 },
      steps: [assign('2', '{{n}}')],
    };
    expect(faultsOf([loop], { vars }, laterConstructs())).toEqual(['step.race /steps/1/steps/0/parameters/target']);
  });
});

describe('hostile input', () => {
  const timed = (work: () => unknown): number => {
    const start = performance.now();
    work();
    return performance.now() - start;
  };

  it('answers 10,000 steps and 10,000 levels at once', () => {
    const many = {
      title: 'A',
      steps: [TRIGGER, ...Array.from({ length: 10_000 }, (_, i) => reads(`${i + 1}`, '{{__0.x}}'))],
    };
    expect(check(many).faults.map(({ code }) => code)).toEqual(['dag.too_many_steps']);
    let deep: Step[] = [step('x')];
    for (let i = 0; i < 10_000; i += 1) deep = [branches(`b${i}`, [deep])];
    const nested = { title: 'A', steps: [TRIGGER, ...deep] };
    expect(check(nested).faults.map(({ code }) => code)).toEqual(['dag.too_deep']);
    let list: unknown[] = [];
    for (let i = 0; i < 100_000; i += 1) list = [list];
    expect(check({ title: 'A', steps: list }).faults.map(({ code }) => code)).toEqual(['dag.too_deep']);
    const wide = { title: 'A', steps: [TRIGGER], tags: Array.from({ length: 500_000 }, () => 0) };
    expect(check(wide).faults.map(({ code }) => code)).toEqual(['dag.too_large']);
    const round: Record<string, unknown> = { title: 'A' };
    round.steps = [round];
    expect(check(round).faults.map(({ code }) => code)).toEqual(['dag.too_deep']);
    // Not a benchmark: a bound that quadratic work would break by far.
    expect(Math.min(...[many, nested, wide].map((sent) => timed(() => check(sent))))).toBeLessThan(1_000);
  });

  it('takes 1,000 steps and 32 levels, and refuses one more', () => {
    const steps = (count: number) => ({
      title: 'A',
      steps: [TRIGGER, ...Array.from({ length: count - 1 }, (_, i) => reads(`${i + 1}`, `{{__${i}}}`))],
    });
    expect(check(steps(1_000)).faults).toEqual([]);
    expect(check(steps(1_001)).faults.map(({ code }) => code)).toEqual(['dag.too_many_steps']);
    const nested = (levels: number) => {
      let body: Step[] = [step('x')];
      for (let i = 1; i < levels; i += 1) body = [branches(`b${i}`, [body])];
      return faultsOf(body);
    };
    expect(nested(32)).toEqual([]);
    expect(nested(33)).toHaveLength(1);
  });

  it('lists 500 faults and says that there are more', () => {
    const steps = Array.from({ length: 999 }, (_, i) => ({
      id: `${i + 1}`,
      operator: '@nobody/knows',
      parameters: {},
    }));
    const { faults } = check({ title: 'A', steps: [TRIGGER, ...steps] });
    expect(faults).toHaveLength(501);
    expect(faults.at(-1)?.code).toBe('dag.too_many_faults');
  });

  const oddities: readonly unknown[] = [
    undefined, null, true, false, 0, -0, 1.5, NaN, Infinity, -Infinity, 10n, '', 'text', '\u0000', '{{', '{{{}}}', '{{x', [], [[]], [null], {}, { a: 1 },
    new Date(0), new Map(), new Set([1]), /x/, Symbol('s'), () => 1, class Odd extends Map {}, new Error('e'), Buffer.from('x'), Object.create({ a: 1 }),
    Promise.resolve(), new Proxy({}, {}), 'x'.repeat(100_000), ['a', 1, null], { __proto__: null, a: 1 }, new Number(1), new String('x'),
  ]; // prettier-ignore
  const whole = {
    title: 'A flow', description: 'd', status: 'normal', type: 't', tags: ['a'], labels: { a: 'b' }, priority: 'low',
    vars: { n: { type: 'number', default: 1, description: 'd' } }, outputs: { a: '{{n}}' }, timeout: 'PT1S', version: 'v1.0.0', changeLog: 'c',
    startBy: 1, concurrency: 1, rateLimit: 1, retention: 1, onFailure: 1,
    steps: [
      FORM,
      { id: '1', title: 't', operator: '@http/request', parameters: { url: '{{url}}', headers: {} }, when: 'true', dependsOn: ['0'],
        settings: { retry: { max: 1, delay: 1, backoff: 'fixed', maxDelay: 1, jitter: true, on: ['x'] }, timeout: { delay: 1, total: 1 } }, onError: 'fail', undo: step('9') },
      { id: '2', operator: '@control/flow/branches', parameters: { exclusive: true }, steps: [step('7')], catch: [], finally: [],
        branches: [{ id: '2a', title: 't', expression: 'true', default: false, conditions: [[{ id: 'c', operator: '@internal/cmp/number-gt', parameters: { a: 1, b: 2 } }]], steps: [step('3')] }] },
      { id: '4', operator: '@internal/assign', parameters: { target: '{{n}}', value: 1 } },
    ],
  }; // prettier-ignore
  const pathsOf = (value: unknown, path: readonly (string | number)[] = []): (string | number)[][] => [
    [...path],
    ...(typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([key, item]) =>
          pathsOf(item, [...path, Array.isArray(value) ? Number(key) : key]),
        )
      : []),
  ];
  const withAt = (value: unknown, path: readonly (string | number)[], put: unknown): unknown => {
    const [key, ...rest] = path;
    if (key === undefined) return put;
    if (Array.isArray(value)) return value.map((item: unknown, i) => (i === key ? withAt(item, rest, put) : item));
    const object = value as Record<string, unknown>;
    return { ...object, [key]: withAt(object[key], rest, put) };
  };

  it('never throws, whatever stands in whichever field', () => {
    const faultless = new Set<string>();
    for (const path of pathsOf(whole))
      for (const odd of oddities) {
        const { faults } = check(withAt(whole, path, odd));
        if (faults.length === 0) faultless.add(path.join('/'));
        const isData =
          odd === null || ['string', 'boolean'].includes(typeof odd) || Number.isFinite(odd) || Array.isArray(odd);
        if (!isData && typeof odd !== 'object') expect(faults.map(({ code }) => code)).toContain('field.not_json');
      }
    // The whole uses features that are not built: nothing of it can pass.
    expect([...faultless]).toEqual([]);
  });

  it('never throws for random data', () => {
    fc.assert(
      fc.property(fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true }), (sent) => {
        expect(check(sent).faults.length).toBeGreaterThan(0);
        expect(check({ title: 'A', steps: sent }).faults.length).toBeGreaterThan(0);
        expect(
          check({
            title: 'A',
            steps: [sent, { id: 1, operator: '@internal/define', parameters: sent, branches: [sent] }],
          }).faults.length,
        ).toBeGreaterThan(0);
      }),
      { numRuns: 300 },
    );
  });

  it('leaves what was sent as it was', () => {
    const before = JSON.stringify(whole);
    check(whole);
    expect(JSON.stringify(whole)).toBe(before);
  });
});
