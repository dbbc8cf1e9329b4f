import type { Json, JsonObject } from '@flow/kernel';
import fc from 'fast-check';
import type { OperatorFacts } from './steps';
import { translateGo } from './translation';

const FACTS: Readonly<Record<string, OperatorFacts>> = {
  '@internal/text/join': {
    schema: {
      type: 'object',
      properties: { texts: { type: 'array' }, separator: { type: 'string' }, custom: { type: 'string' } },
      additionalProperties: false,
    },
    verbatim: [],
  },
  '@internal/assign': { schema: { type: 'object' }, verbatim: ['target'] },
  '@control/flow/loop': {
    schema: { type: 'object', properties: { limit: { type: 'integer' } } },
    verbatim: ['mode', 'outputs'],
  },
};
const go = (sent: JsonObject) => translateGo(sent, (id) => FACTS[id]);
const MANUAL = { id: '0', title: 'start', operator: '@trigger/manual' };
const FORM = {
  id: '0',
  operator: '@trigger/form',
  parameters: {
    fields: [
      { key: 'city', type: 'string' },
      { key: 'index', type: 'string' },
      { key: 'trigger', type: 'string' },
    ],
  },
};
const define = (id: string, value: Json, more: JsonObject = {}) => ({
  ...{ id, operator: '@internal/define', parameters: { type: 'string', value }, ...more },
});
/** The translated steps behind the start. */
const steps = (list: readonly Json[], start: JsonObject = MANUAL) =>
  (go({ title: 't', steps: [start, ...list] }).definition as { steps: JsonObject[] }).steps.slice(1);
const valueOf = (text: Json, start: JsonObject = MANUAL) => {
  const [step] = steps([define('1', text)], start);
  return (step!.parameters as JsonObject).value;
};
const told = (sent: JsonObject) => {
  const { faults, warnings } = go(sent);
  return {
    faults: faults.map(({ code, pointer }) => `${code} ${pointer}`),
    warnings: warnings.map(({ code, pointer }) => `${code} ${pointer}`).filter((text) => !/^go.defaults/.test(text)),
  };
};

describe('A document of the Go service', () => {
  it('keeps its steps at their places and takes our names', () => {
    const sent = {
      ...{ title: 'Nightly', description: null, status: 'normal', version: 'v1.0.0', change_log: 'first' },
      steps: [MANUAL, define('1', 'a', { settings: { retry: { max: 2, delay: 5 }, timeout: { delay: 300 } } })],
    };
    expect(go(sent).definition).toEqual({
      ...{ title: 'Nightly', status: 'normal', version: 'v1.0.0', changeLog: 'first', type: '', priority: 'lowest' },
      steps: [
        MANUAL,
        {
          ...define('1', 'a'),
          settings: { retry: { max: 2, delay: 5 }, timeout: { delay: 300, total: 300 } },
        },
      ],
    });
    expect(told(sent)).toEqual({ faults: [], warnings: [] });
  });

  it('has the defaults of its steps written out, and says so once', () => {
    const sent = {
      title: 't',
      steps: [MANUAL, define('1', 'a'), define('2', 'b'), { id: '3', operator: '@llm/chat/completion' }],
    };
    const { definition, warnings } = go(sent);
    const settings = (definition as { steps: JsonObject[] }).steps.map((step) => step.settings);
    const usual = { retry: { max: 3, delay: 3 }, timeout: { delay: 600, total: 600 } };
    const chat = { retry: { max: 3, delay: 3 }, timeout: { delay: 7200, total: 7200 } };
    expect(settings).toEqual([undefined, usual, usual, chat]);
    expect(warnings).toMatchObject([
      { pointer: '/steps', code: 'go.defaults_written', message: expect.stringMatching(/^3 steps/) as string },
    ]);
  });

  it.each([
    ['@internal/return', undefined],
    ['@internal/assign', undefined],
    ['@control/flow/branches', undefined],
    ['@subflow/call/workflow', undefined],
    ['@http/request', undefined],
    ['@internal/tool/py3', { timeout: { delay: 86_400, total: 86_400 } }],
    ['@custom/a/b', { timeout: { delay: 600, total: 600 } }],
    ['@opensearch/bulk-upsert', { retry: { max: 3, delay: 3 }, timeout: { delay: 1800, total: 1800 } }],
  ])('gives %s the settings that the Go service would have used', (operator, settings) => {
    expect(steps([{ id: '1', operator }])[0]!.settings).toEqual(settings);
  });

  it('warns of everything that it leaves out', () => {
    const sent = {
      ...{ title: 't', shortcuts: ['workcenter'], emails: ['a@b.c'], appinfo: { enable: true }, template: 'x' },
      ...{ accessors: [], published: true, userid: 'u', created_at: 5, tasks: [], nobody: 1 },
      steps: [MANUAL, { ...define('1', 'a'), cron: '* * * * *', position: { x: 1 } }],
    };
    const fields = ['shortcuts', 'emails', 'appinfo', 'template', 'published', 'nobody'];
    expect(told(sent).faults).toEqual([]);
    expect(told(sent).warnings.sort()).toEqual(
      [
        ...fields.map((key) => `go.field_ignored /${key}`),
        'go.bookkeeping_dropped ',
        'go.field_ignored /steps/1/cron',
        'go.field_ignored /steps/1/position',
      ].sort(),
    );
    expect(go(sent).definition).toMatchObject({ priority: 'high' });
  });

  it('never throws, whatever it is made of', () => {
    const words = fc.constantFrom(
      ...[
        'id',
        'operator',
        'parameters',
        'steps',
        'branches',
        'conditions',
        'settings',
        'retry',
        'timeout',
        'delay',
        'fields',
      ],
      ...[
        'trigger_config',
        'dataSource',
        'cron',
        'vars',
        'array',
        'mode',
        'dag_id',
        'outputs',
        'key',
        'type',
        'default',
      ],
    );
    const texts = fc.constantFrom(
      '@control/flow/loop',
      '@trigger/form',
      '@subflow/call/dataflow',
      '@internal/return',
      '{{__g_authorization}}',
      '[1',
      '5',
    );
    const { tree } = fc.letrec<{ tree: Json }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 6 },
        texts,
        fc.constantFrom(null, true, 5, ''),
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.dictionary(words, tie('tree'), { maxKeys: 5 }),
      ),
    }));
    fc.assert(
      fc.property(tree, (sent) => void translateGo(sent, (id) => FACTS[id])),
      { numRuns: 500 },
    );
  });
});

describe('Names', () => {
  const loop = (id: string, inner: readonly Json[], parameters: JsonObject = { limit: 2 }) => ({
    ...{ id, operator: '@control/flow/loop', parameters, steps: inner },
  });

  it.each([
    ['{{__1x.y}}', '{{null}}'],
    ['{{__source.path}}', '{{trigger.path}}'],
    ['{{__g_dagInsID}}', '{{instance.id}}'],
    ['{{city}} {{ __0.city }}', '{{city}} {{__0.city}}'],
    ['{{nobody.x}}', '{{trigger.nobody.x}}'],
    ['{{trigger}}', '{{trigger.trigger}}'],
    ['{{index}}', '{{index}}'],
    ['{{userid}}', '{{parseJson(step("0").accessor).id}}'],
    ['{{operator_name}}', '{{parseJson(step("0").accessor).name}}'],
    ['{{{index}}}', '{{{index}}}'],
    ['{{secrets.token}}', '{{secrets.token}}'],
  ])('%s is %s', (text, expected) => {
    expect(valueOf(text, FORM)).toBe(expected);
  });

  it('knows the index of the nearest loop, in its conditions and outputs too', () => {
    const [outer] = steps([
      loop('L', [
        define('a', '{{index}}/{{__loop_index}}/{{__L.value}}'),
        loop('M', [define('b', '{{index}} of {{__L.index}}')], {
          limit: '{{index}}',
          outputs: [{ key: 'n', value: '{{index}}' }],
        }),
        {
          id: 'c',
          operator: '@control/flow/branches',
          branches: [
            {
              id: 'c1',
              conditions: [[{ id: 'q', operator: '@internal/cmp/number-eq', parameters: { a: '{{index}}', b: 1 } }]],
              steps: [],
            },
          ],
        },
      ]),
    ]);
    const inner = outer!.steps as unknown as [JsonObject, JsonObject, { branches: [{ conditions: unknown }] }];
    expect((inner[0].parameters as JsonObject).value).toBe('{{__L.index}}/{{__L.index}}/{{__L.value}}');
    expect(inner[1].parameters).toEqual({
      ...{ mode: 'limit', limit: '{{number(__L.index)}}', maxIterations: 10_000 },
      outputs: [{ key: 'n', value: '{{__M.index}}' }],
    });
    expect((inner[1].steps as unknown as [JsonObject])[0].parameters).toMatchObject({
      value: '{{__M.index}} of {{__L.index}}',
    });
    expect(inner[2].branches[0].conditions).toEqual([
      [{ id: 'q', operator: '@internal/cmp/number-eq', parameters: { a: '{{__L.index}}', b: 1 } }],
    ]);
  });

  it('belong to a step of that id before they are an alias', () => {
    const [, second] = steps([define('source', 'a'), define('2', '{{__source.value}}')]);
    expect(second!.parameters).toMatchObject({ value: '{{__source.value}}' });
  });

  it('are refused where their meaning cannot be kept', () => {
    const sent = {
      title: 't',
      steps: [
        MANUAL,
        define('1', 'Bearer {{__g_authorization}}'),
        define('2', '{{userid}}'),
        define('3', '{{1 + 2}}'),
        define('4', '{{docid}}'),
      ],
    };
    expect(told(sent).faults).toEqual([
      'go.authorization_refused /steps/1/parameters/value',
      'go.name_unavailable /steps/2/parameters/value',
      'go.expression_unreadable /steps/3/parameters/value',
      'go.name_unavailable /steps/4/parameters/value',
    ]);
    expect(go(sent).faults[0]!.message).toContain('{{secrets.name}}');
  });

  it('are filled in in texts over 8 KB too, and what is no path there stays', () => {
    const long = 'x'.repeat(9_000);
    expect(valueOf(`${long}{{__0.a}}{{ if .x }}{{nobody}}`)).toBe(`${long}{{__0.a}}{{{ if .x }}}{{{nobody}}}`);
  });

  it('stay where the Go service reads none', () => {
    const [step] = steps([
      { id: '1', operator: '@internal/assign', parameters: { target: '{{__source.x}}', value: '{{__source.x}}' } },
    ]);
    expect(step!.parameters).toEqual({ target: '{{__source.x}}', value: '{{trigger.x}}' });
  });
});

describe('A start', () => {
  const startOf = (sent: JsonObject) => (go({ title: 't', ...sent }).definition as { steps: JsonObject[] }).steps[0];

  it.each([
    [{ steps: [{ id: '0', operator: '@trigger/cron', cron: '0 0 2 * * ?' }] }],
    [{ steps: [{ id: '0', operator: '@trigger/cron', parameters: { cron: '0 0 2 * * ?' } }] }],
    [
      {
        steps: [{ id: '0', operator: '@trigger/cron' }],
        trigger_config: { operator: '@trigger/cron', cron: '0 0 2 * * ?' },
      },
    ],
    [
      {
        steps: [{ id: '0', operator: '@trigger/manual' }],
        trigger_config: { operator: '@trigger/cron', cron: '0 0 2 * * ?' },
      },
    ],
  ])('by the clock is one trigger, wherever its time stands', (sent) => {
    expect(startOf(sent)).toEqual({ id: '0', operator: '@trigger/cron', parameters: { cron: '0 0 2 * * ?' } });
    expect(told({ title: 't', ...sent })).toEqual({ faults: [], warnings: [] });
  });

  it('keeps a form that is started by hand, and refuses one that nobody fills in', () => {
    const by = (operator: string) => ({ title: 't', steps: [FORM], trigger_config: { operator } });
    expect(startOf(by('@trigger/manual'))!.operator).toBe('@trigger/form');
    expect(told(by('@trigger/cron')).faults).toEqual(['go.start_unclear /trigger_config/operator']);
  });

  it('of a document system is refused by name where it is written', () => {
    const by = (operator: string) => ({
      title: 't',
      steps: [{ id: '0', operator: '@trigger/dataflow-doc' }],
      trigger_config: { operator },
    });
    const [fault] = go(by('@anyshare-trigger/file-version-update')).faults;
    expect(fault).toMatchObject({ pointer: '/trigger_config/operator', code: 'operator.not_available' });
    expect(fault!.message).toContain('@anyshare-trigger/file-version-update');
  });

  it('has no data source here', () => {
    const source = { operator: '@anyshare-data/list-files', parameters: { docid: 'gns://A' } };
    expect(told({ steps: [{ ...MANUAL, dataSource: source }] }).faults).toEqual([
      'operator.not_available /steps/0/dataSource/operator',
    ]);
    expect(
      told({
        steps: [MANUAL],
        trigger_config: { operator: '@trigger/manual', dataSource: { operator: '@s3/list-objects' } },
      }).faults,
    ).toEqual(['operator.not_available /trigger_config/dataSource/operator']);
  });

  it('takes the fields of a form in our kinds', () => {
    const fields = [
      { key: 'a', type: 'number', default: '5', name: null },
      { key: 'b', type: 'asFile', required: true },
      { key: 'c', type: 'string', default: '', required: true },
      { key: 'd' },
    ];
    expect(startOf({ steps: [{ id: '0', operator: '@trigger/form', parameters: { fields } }] })!.parameters).toEqual({
      fields: [
        { key: 'a', type: 'number', default: 5 },
        { key: 'b', type: 'any', required: true },
        { key: 'c', type: 'string', required: true },
        { key: 'd', type: 'any' },
      ],
    });
  });
});

describe('Parameters', () => {
  it('are decoded as weakly as there', () => {
    const [step] = steps([
      {
        id: '1',
        operator: '@internal/text/join',
        parameters: { texts: 'one', separator: 5, custom: null, nobody: 1, empty: '' },
      },
    ]);
    expect(step!.parameters).toEqual({ texts: ['one'], separator: '5' });
    const templated = steps([{ id: '1', operator: '@internal/text/join', parameters: { texts: '{{__0.list}}' } }]);
    expect(templated[0]!.parameters).toEqual({ texts: '{{__0.list}}' });
  });

  it('are decoded in the run where they are known only then', () => {
    const limitOf = (limit: string) =>
      (
        steps([{ id: '1', operator: '@control/flow/loop', parameters: { limit }, steps: [define('2', 'a')] }], FORM)[0]!
          .parameters as JsonObject
      ).limit;
    expect(limitOf('{{__0.days}}')).toBe('{{number(__0.days)}}');
    expect(limitOf('{{ city }}')).toBe('{{number(city)}}');
    expect(limitOf("{{__0.'a b'.1}}")).toBe("{{number(__0.'a b'.1)}}");
    expect(limitOf('{{__a:b}}')).toBe('{{null}}');
    expect(limitOf('{{__0.days}}0')).toBe('{{__0.days}}0');
  });

  it('of a loop say how often, and nothing else', () => {
    const parametersOf = (parameters?: JsonObject) =>
      steps([
        { id: '1', operator: '@control/flow/loop', ...(parameters && { parameters }), steps: [define('2', 'a')] },
      ])[0]!.parameters;
    expect(parametersOf()).toEqual({ mode: 'limit', maxIterations: 10_000 });
    expect(parametersOf({ mode: 'array', array: '[1, 2]', limit: 3 })).toEqual({
      mode: 'array',
      array: [1, 2],
      maxIterations: 10_000,
    });
  });

  it('of a sub-flow name it as we do, and faults lead back', () => {
    const sent = {
      title: 't',
      steps: [
        MANUAL,
        { id: '1', operator: '@subflow/call/workflow', parameters: { dag_id: '59', version_id: '77', data: { a: 1 } } },
      ],
    };
    const translation = go(sent);
    expect((translation.definition as { steps: JsonObject[] }).steps[1]!.parameters).toEqual({
      dagId: '59',
      data: { a: 1 },
    });
    expect(translation.calls).toEqual([{ pointer: '/steps/1/parameters/dag_id', dagId: '59' }]);
    expect(translation.asSent({ pointer: '/steps/1/parameters/dagId', code: 'x', message: '' }).pointer).toBe(
      '/steps/1/parameters/dag_id',
    );
    expect(told(sent).warnings).toEqual(['go.field_ignored /steps/1/parameters/version_id']);
  });

  it('of a return decide how the run ends', () => {
    const returned = (parameters: JsonObject) =>
      steps([{ id: '1', operator: '@internal/return', parameters }])[0]!.parameters;
    expect(returned({ result: 'success', a: null })).toEqual({ result: 'success', a: null });
    expect(returned({ a: 1 })).toEqual({ a: 1 });
    expect(returned({ result: 'error', a: 1 })).toEqual({ result: 'failed', a: 1 });
    expect(returned({ result: '{{__0.r}}' })).toEqual({ result: '{{__0.r}}' });
  });
});
