import type { Json } from '@flow/kernel';
import type { Step } from '@flow/operators';
import { step } from '@flow/testing/dags';
import { FORM, TRIGGER, branches, check, faultsOf } from './testing/definition-faults';

type Loose = { parameters: { url: string }; settings: { retry: { max: number } } };
type LooseBranch = { conditions: [[{ operator: string }]]; steps: [{ id: string; operator: string }] };

describe('the example of the contract', () => {
  const example = {
    title: 'Nightly invoices',
    description: '',
    status: 'normal',
    vars: { limit: { type: 'number', default: 100 } },
    timeout: 'PT1H',
    retention: { succeeded: 'P7D', failed: 'forever' },
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
    ['a retention that is no duration', { retention: '30 days' }, 'field.invalid /retention'],
    ['a retention of a number', { retention: 30 }, 'field.invalid /retention'],
    ['a retention of nothing', { retention: {} }, 'field.invalid /retention'],
    ['a retention of a moment', { retention: 'PT59S' }, 'retention.too_short /retention'],
    ['a retention of a moment for one end', { retention: { failed: 'P0D' } }, 'retention.too_short /retention/failed'],
    ['a retention for no end', { retention: { running: 'P1D' } }, 'field.unknown /retention/running'],
    ['a retention that is none for one end', { retention: { failed: 'P1W' } }, 'field.invalid /retention/failed'],
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

  it.each([['onFailure', { onFailure: { operator: '@http/request' } }, 'dag.feature_unavailable /onFailure']])(
    'refuses %s, which is not built yet, instead of ignoring it',
    (_field, fields, fault) => {
      expect(faultsOf([], fields)).toEqual([fault]);
    },
  );

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
    const loop: Step = { id: '1', operator: '@control/flow/nobody', steps: [{ id: '2', operator: '@nobody/knows' }] };
    expect(faultsOf([loop])).toEqual([
      'operator.not_available /steps/1/operator',
      'step.body_unexpected /steps/1/steps',
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
