import type { JsonObject } from '@flow/kernel';
import { OperatorCatalogue } from '@flow/operators';
import { theBuiltins } from '@flow/testing/builtins';
import fc from 'fast-check';

const catalogue = new OperatorCatalogue(theBuiltins());

/** Pointers of what is wrong when a DAG is saved. */
function faultsOf(id: string, parameters: JsonObject): string[] {
  return catalogue.faultsOf(catalogue.get(id), parameters, { templates: true }).map(({ pointer }) => pointer);
}
function messageOf(id: string, parameters: JsonObject): string {
  return catalogue.faultsOf(catalogue.get(id), parameters, { templates: true })[0]?.message ?? '';
}

describe('@control/flow/parallel', () => {
  it.each([{}, { join: 'all' }, { join: 'any', failFast: true }, { join: { n: 3 } }])('takes %j', (parameters) => {
    expect(faultsOf('@control/flow/parallel', parameters)).toEqual([]);
  });

  it.each([
    [{ join: 'some' }, '/join'],
    [{ join: { n: 0 } }, '/join/n'],
    [{ join: { n: 1.5 } }, '/join/n'],
    [{ join: '{{vars.join}}' }, '/join'],
    [{ failFast: '{{vars.fast}}' }, '/failFast'],
    [{ exclusive: true }, '/exclusive'],
  ])('refuses %j', (parameters, pointer) => {
    expect(faultsOf('@control/flow/parallel', parameters)).toEqual([pointer]);
  });
});

describe('@control/flow/loop', () => {
  it.each<JsonObject>([
    { limit: 0 },
    { limit: 1_000 },
    { limit: '{{vars.n}}' },
    { mode: 'limit', limit: 5_000, maxIterations: 10_000 },
    { limit: 5_000, maxIterations: '{{vars.most}}' },
    { mode: 'array', array: [], concurrency: 100 },
    { mode: 'array', array: '{{__0.list}}', concurrency: '{{vars.c}}' },
    { mode: 'array', array: ['{{a}}', 1] },
    { mode: 'while', while: '__1.more', concurrency: 1 },
    { limit: 1, failures: 'continue' },
    { limit: 1, failures: { maxPercent: 12.5 } },
    { limit: 1, outputs: [] },
    { limit: 1, outputs: [{ key: 'a', value: '{{__1.x}}' }, { key: 'b', value: { c: ['{{__1}}'] } }] }, // prettier-ignore
  ])('takes %j', (parameters) => {
    expect(faultsOf('@control/flow/loop', parameters)).toEqual([]);
  });

  it.each<[JsonObject, ...string[]]>([
    [{}, '/limit'],
    [{ mode: 'array' }, '/array'],
    [{ mode: 'while' }, '/while'],
    [{ mode: 'until', limit: 1 }, '/mode'],
    [{ mode: '{{vars.mode}}', limit: 1 }, '/mode'],
    [{ limit: -1 }, '/limit'],
    [{ limit: 1.5 }, '/limit'],
    [{ limit: 'three' }, '/limit'],
    [{ limit: 1_001 }, '/limit'],
    [{ limit: 4, maxIterations: 3 }, '/limit'],
    [{ limit: 1, maxIterations: 10_001 }, '/maxIterations'],
    [{ limit: 1, maxIterations: 0 }, '/maxIterations'],
    [{ limit: 1, concurrency: 0 }, '/concurrency'],
    [{ limit: 1, concurrency: 101 }, '/concurrency'],
    [{ mode: 'array', array: { a: 1 } }, '/array'],
    [{ mode: 'array', array: 'a,b' }, '/array'],
    [{ mode: 'array', array: [1, 2, 3], maxIterations: 2 }, '/array'],
    [{ mode: 'array', array: [], limit: 1 }, '/limit'],
    [{ mode: 'limit', limit: 1, while: 'true' }, '/while'],
    [{ mode: 'while', while: 'true', concurrency: 2 }, '/concurrency'],
    [{ mode: 'while', while: 'true', concurrency: '{{vars.c}}' }, '/concurrency'],
    [{ mode: 'while', while: '' }, '/while'],
    [{ limit: 1, outputs: [{ key: 'a', value: 1 }, { key: 'a', value: 2 }] }, '/outputs/1/key'],
    [{ limit: 1, outputs: [{ key: '__proto__', value: 1 }] }, '/outputs/0/key'],
    [{ limit: 1, outputs: [{ key: 'a' }] }, '/outputs/0/value'],
    [{ limit: 1, outputs: '{{vars.o}}' }, '/outputs'],
    [{ limit: 1, failures: 'ignore' }, '/failures'],
    [{ limit: 1, failures: { maxPercent: 101 } }, '/failures/maxPercent'],
    [{ limit: 1, failures: '{{vars.f}}' }, '/failures'],
  ])('refuses %j', (parameters, ...pointers) => {
    expect(faultsOf('@control/flow/loop', parameters)).toEqual(pointers);
  }); // prettier-ignore

  it('takes a limit exactly when it is within maxIterations', () => {
    fc.assert(
      fc.property(fc.integer({ min: -3, max: 30 }), fc.integer({ min: 1, max: 20 }), (limit, maxIterations) => {
        expect(faultsOf('@control/flow/loop', { limit, maxIterations }).length === 0).toBe(
          limit >= 0 && limit <= maxIterations,
        );
      }),
    );
  });
});

describe('@control/wait', () => {
  it.each<JsonObject>([
    { duration: 'PT0S' },
    { duration: 'P366D' },
    { duration: '{{vars.d}}' },
    { until: '2026-01-31T08:00:00Z' },
    { until: '2026-01-31T08:00:00.123+08:00' },
    { until: '{{addDuration(instance.startedAt, "P1D")}}' },
  ])('takes %j', (parameters) => {
    expect(faultsOf('@control/wait', parameters)).toEqual([]);
  });

  it.each<[JsonObject, string]>([
    [{}, ''],
    [{ duration: 'PT1S', until: '2026-01-31T08:00:00Z' }, ''],
    [{ duration: '30s' }, '/duration'],
    [{ duration: 'P1M' }, '/duration'],
    [{ duration: 'P' }, '/duration'],
    [{ duration: 'P367D' }, '/duration'],
    [{ duration: 30 }, '/duration'],
    [{ until: 'tomorrow' }, '/until'],
    [{ until: '2026-01-31' }, '/until'],
    [{ until: '2026-01-31T08:00:00' }, '/until'],
    [{ until: '2026-02-30T25:00:00Z' }, '/until'],
  ])('refuses %j', (parameters, pointer) => {
    expect(faultsOf('@control/wait', parameters)).toEqual([pointer]);
  });

  it('says which to give', () => {
    expect(messageOf('@control/wait', {})).toContain('one of "duration" and "until"');
  });
});

describe('@control/approval', () => {
  const assignees = ['ann', 'bob'];
  it.each<JsonObject>([
    { assignees },
    { assignees: '{{vars.approvers}}', quorum: 5 },
    { assignees: ['{{vars.a}}', 'b'], quorum: '{{vars.q}}' },
    { assignees, quorum: 2, title: 'Pay {{__1.total}}?', expiresIn: 'PT1H', onReject: 'continue', onExpiry: 'fail' },
    { assignees, expiresIn: '{{vars.d}}' },
    { assignees, schema: { type: 'object', properties: { n: { $ref: '#/$defs/n' } }, $defs: { n: { minimum: 1 } } } },
  ])('takes %j', (parameters) => {
    expect(faultsOf('@control/approval', parameters)).toEqual([]);
  });

  it.each<[JsonObject, string]>([
    [{}, '/assignees'],
    [{ assignees: [] }, '/assignees'],
    [{ assignees: ['a', 'a'] }, '/assignees'],
    [{ assignees: [''] }, '/assignees/0'],
    [{ assignees: Array.from({ length: 101 }, (_, i) => `p${i}`) }, '/assignees'],
    [{ assignees, quorum: 3 }, '/quorum'],
    [{ assignees, quorum: 0 }, '/quorum'],
    [{ assignees, expiresIn: 'PT0S' }, '/expiresIn'],
    [{ assignees, expiresIn: 'a week' }, '/expiresIn'],
    [{ assignees, onReject: 'retry' }, '/onReject'],
    [{ assignees, onExpiry: true }, '/onExpiry'],
    [{ assignees, schema: 'text' }, '/schema'],
    [{ assignees, schema: { type: 'nothing' } }, '/schema'],
    [{ assignees, schema: { pattern: '(' } }, '/schema'],
    // No answer could ever be held against it: patterns of answers are RE2.
    [{ assignees, schema: { type: 'string', pattern: '^(?=a)b' } }, '/schema'],
    [{ assignees, schema: { $ref: 'https://example.org/schema' } }, '/schema'],
    [{ assignees, schema: { description: 'x'.repeat(70_000) } }, '/schema'],
  ])('refuses %j', (parameters, pointer) => {
    expect(faultsOf('@control/approval', parameters)).toEqual([pointer]);
  });
});

describe.each(['@subflow/call/workflow', '@subflow/call/dataflow'])('%s', (id) => {
  const data = id.endsWith('dataflow') ? [{ a: 1 }] : { a: 1 };

  it.each<JsonObject>([
    { dagId: 'x', data },
    { dagId: 'x', data: '{{__1.items}}' },
    { dagId: 'x', version: 'v1.0.0', data },
  ])('takes %j', (parameters) => {
    expect(faultsOf(id, parameters)).toEqual([]);
  });

  it.each<[JsonObject, string]>([
    [{ data }, '/dagId'],
    [{ dagId: '', data }, '/dagId'],
    [{ dagId: 7, data }, '/dagId'],
    [{ dagId: 'x', data: 'text' }, '/data'],
    [{ dagId: 'x', data, version: '1.0' }, '/version'],
    [{ dagId: 'x', data, version: '{{vars.v}}' }, '/version'],
  ])('refuses %j', (parameters, pointer) => {
    expect(faultsOf(id, parameters)).toEqual([pointer]);
  });

  it('takes no expression for the DAG, and says why', () => {
    expect(faultsOf(id, { dagId: '{{vars.child}}', data })).toEqual(['/dagId']);
    expect(messageOf(id, { dagId: '{{vars.child}}', data })).toContain('which DAGs call which');
  });
});

it('waits for a child unless told otherwise, and for a batch always', () => {
  expect(faultsOf('@subflow/call/workflow', { dagId: 'x', wait: false })).toEqual([]);
  expect(faultsOf('@subflow/call/dataflow', { dagId: 'x', data: [], wait: false })).toEqual(['/wait']);
  expect(faultsOf('@subflow/call/dataflow', { dagId: 'x', data: [1] })).toEqual(['/data/0']);
});

it.each(['@control/flow/break', '@control/flow/continue', '@control/flow/try', '@control/callback'])(
  '%s takes no parameters',
  (id) => {
    expect(faultsOf(id, {})).toEqual([]);
    expect(faultsOf(id, { a: 1 })).toEqual(['/a']);
  },
);
