import { loadBuiltins } from '@flow/builtins';
import { isJsonObject, type Json } from '@flow/kernel';
import { OperatorCatalogue } from '@flow/operators';
import { HttpClient } from '@flow/platform';
import fc from 'fast-check';
import { DagLimits } from '../dag-limits';
import { checkDag } from '../validate';
import { translateGo } from './translation';

const catalogue = new OperatorCatalogue(loadBuiltins({ http: new HttpClient() }));
const environment = { catalogue, limits: new DagLimits() };

/** Whether what holds the place stands in the document: the place itself may be what is missing, and so may all parameters. */
function leadsInto(sent: Json, pointer: string): boolean {
  let value: Json | undefined = sent;
  for (const key of pointer.split('/').slice(1, -1)) {
    if (!isJsonObject(value) && !Array.isArray(value)) return false;
    const inner: Json | undefined = Object.hasOwn(value, key) ? (value as Record<string, Json>)[key] : undefined;
    if (key === 'parameters' && !isJsonObject(inner)) return true;
    if (inner === undefined) return false;
    value = inner;
  }
  return true;
}

const text = fc.constantFrom(
  ...[
    'a',
    '',
    '{{__1.x}}',
    '{{index}}',
    '{{__g_authorization}}',
    '{{nobody}}',
    '{{__nobody}}',
    '{{1+1}}',
    '{{userid}}',
    '5',
  ],
);
const value: fc.Arbitrary<Json> = fc.oneof(
  text,
  fc.constantFrom<Json>(null, 5, true, [], ['{{index}}'], { a: '{{__2}}' }),
);
const settings = fc.constantFrom<Json>(
  null,
  { retry: { max: 99, delay: 1 }, timeout: { delay: 1e9 } },
  { retry: { max: '2', delay: 'x' }, timeout: { delay: 'x' }, other: 1 },
  { timeout: { delay: 5 } },
  [],
);
const id = fc.constantFrom<Json>('1', '2', 'a b', '', 5, null);
const operator = fc.constantFrom(
  ...['@internal/define', '@internal/assign', '@internal/return', '@internal/text/split', '@internal/array/filter'],
  ...[
    '@subflow/call/workflow',
    '@subflow/call/dataflow',
    '@control/flow/loop',
    '@control/flow/branches',
    '@control/flow/parallel',
  ],
  ...['@trigger/form', '@anyshare/file/copy', 'nothing', '@internal/json/get'],
);
const parameters = fc.dictionary(
  fc.constantFrom(
    'type',
    'value',
    'target',
    'text',
    'separator',
    'data',
    'Conditions',
    'dag_id',
    'version_id',
    'mode',
    'limit',
    'array',
    'outputs',
    'fields',
    'result',
    'json',
    'x',
  ),
  value,
);
const { step } = fc.letrec<{ step: Json; steps: Json; branch: Json }>((tie) => ({
  step: fc.record(
    {
      id,
      operator,
      title: value,
      parameters: fc.oneof(parameters, value),
      settings,
      steps: tie('steps'),
      branches: fc.oneof(fc.array(tie('branch'), { maxLength: 2 }), value),
      dataSource: value,
      cron: value,
    },
    { requiredKeys: ['id', 'operator'] },
  ),
  steps: fc.oneof({ maxDepth: 3 }, fc.constant([]), fc.array(tie('step'), { maxLength: 2 })),
  branch: fc.record(
    {
      id,
      conditions: fc.oneof(
        value,
        fc.array(fc.array(fc.record({ id, operator, parameters: fc.record({ a: value, b: value }), source: value }))),
      ),
      steps: tie('steps'),
      name: value,
    },
    { requiredKeys: ['id'] },
  ),
}));
const start = fc.record(
  {
    id,
    operator: fc.constantFrom('@trigger/manual', '@trigger/cron', '@trigger/form', '@trigger/dataview'),
    cron: value,
    dataSource: fc.oneof(value, fc.constant({ operator: '@s3/list-objects' })),
    parameters: fc.oneof(
      value,
      fc.record({
        cron: value,
        fields: fc.array(fc.dictionary(fc.constantFrom('key', 'type', 'default', 'required', 'options'), value)),
      }),
    ),
    settings,
  },
  { requiredKeys: ['id', 'operator'] },
) as fc.Arbitrary<Json>;
const config = fc.record(
  {
    operator: fc.constantFrom('@trigger/manual', '@trigger/cron', ''),
    cron: value,
    dataSource: value,
    parameters: fc.oneof(value, fc.record({ cron: value, x: value })),
    y: value,
  },
  { requiredKeys: [] },
) as fc.Arbitrary<Json>;
const sent = fc.record(
  {
    ...{
      id,
      title: fc.constantFrom('T', '', 'a/b', 5),
      name: value,
      description: value,
      desc: value,
      status: value,
      version: value,
      change_log: value,
    },
    ...{
      vars: fc.oneof(
        value,
        fc.dictionary(
          fc.constantFrom('n', 'userid', 'a b'),
          fc.oneof(value, fc.record({ defaultValue: value, desc: value })),
        ),
      ),
      emails: value,
      appinfo: value,
    },
    ...{ trigger_config: fc.oneof(config, value), nobody: value, priority: value, type: value },
    steps: fc.tuple(start, fc.array(step, { maxLength: 3 })).map(([first, others]) => [first, ...others]),
  },
  { requiredKeys: ['title', 'steps'] },
) as fc.Arbitrary<Json>;

describe('Whatever is said about a document of the Go service', () => {
  it('leads to its place in the document as it was sent', () => {
    fc.assert(
      fc.property(sent, (document) => {
        const translation = translateGo(document, (name) => {
          const found = catalogue.find(name);
          return (
            found && { schema: found.parameters, verbatim: found.kind === 'trigger' ? [] : (found.verbatim ?? []) }
          );
        });
        const { faults, warnings } = checkDag(translation.definition, environment);
        const all = [
          ...translation.faults,
          ...translation.warnings,
          ...[...faults, ...warnings].map((one) => translation.asSent(one)),
        ];
        expect(all.filter(({ pointer }) => !leadsInto(document, pointer))).toEqual([]);
      }),
      { numRuns: 2000 },
    );
  });
});
