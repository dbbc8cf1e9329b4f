import type { Json, JsonObject } from '@flow/kernel';
import { MANUAL } from './api-world';

const nested = (levels: number): Json => {
  let value: Json = 1;
  for (let i = 0; i < levels; i += 1) value = [value];
  return value;
};

/** One of every kind of value that JSON has, and those at the borders of what stores and programs can hold. */
export const VALUES: readonly Json[] = [
  null,
  true,
  false,
  0,
  -0,
  -1,
  1.5,
  2 ** 53,
  -1e308,
  5e-324,
  '',
  ' ',
  'x',
  '0',
  'null',
  'x'.repeat(20_000),
  '\u0000',
  'a\u0000b',
  '\n\u001b[31m',
  '\u202egnp.exe',
  '\u{1F600}'.repeat(100),
  "'; DROP TABLE dags; --",
  '%00%2e%2e/..\\',
  '../../../../etc/passwd',
  '__proto__',
  'constructor',
  '{{',
  '{{1 / 0}}',
  '{{__nobody.value}}',
  '{{secrets.none}}',
  '{{constructor.constructor("return process")()}}',
  '{{[1,2,3].map(a, [1,2,3].map(b, [1,2,3].map(c, [1,2,3].map(d, [1,2,3].map(e, a)))))}}',
  '${process.env}',
  '<script>alert(1)</script>',
  '2026-01-01T00:00:00Z',
  'P1D',
  'v99.0.0',
  'v0.0.0-beta',
  [],
  [[]],
  [null],
  [1, 'x', {}],
  {},
  { a: null },
  { toString: 1, valueOf: 1, then: 1, length: -1 },
  { $ref: '#/x', $schema: 'x', $where: '1' },
  nested(60),
];

/** A definition that is good and has something in every field there is. */
export const WHOLE: JsonObject = {
  title: 'Whole',
  description: 'd',
  status: 'normal',
  type: 't',
  tags: ['a', 'b'],
  labels: { k: 'v' },
  priority: 'medium',
  vars: { limit: { type: 'number', default: 1, description: 'd' } },
  outputs: { out: '{{vars.limit}}' },
  timeout: 'PT1H',
  version: 'v0.1.0',
  changeLog: 'c',
  steps: [
    {
      ...MANUAL,
      id: '0',
      operator: '@trigger/form',
      parameters: { fields: [{ key: 'n', name: 'N', type: 'number', required: false, default: 1, enum: [1, 2] }] },
    },
    {
      id: '1',
      title: 'T',
      operator: '@http/request',
      parameters: {
        method: 'POST',
        url: 'http://127.0.0.1:9/',
        headers: { a: 'b' },
        query: { q: 1 },
        body: { x: [1] },
        expected: [200],
      },
      settings: {
        retry: { max: 2, delay: 1, backoff: 'fixed', maxDelay: 10, jitter: true, on: ['http.status'] },
        timeout: { delay: 1, total: 10 },
      },
      onError: 'fail',
      when: 'vars.limit > 1000',
    },
    {
      id: '2',
      operator: '@internal/define',
      parameters: { type: 'number', value: '{{vars.limit}}' },
      dependsOn: ['1'],
    },
    {
      id: '3',
      operator: '@control/flow/branches',
      parameters: { exclusive: true },
      branches: [
        {
          id: '3a',
          title: 'B',
          conditions: [[{ id: 'c', operator: '@internal/cmp/number-gt', parameters: { a: '{{__2.value}}', b: 5 } }]],
          steps: [{ id: '4', operator: '@internal/text/join', parameters: { texts: ['a'], separator: ',' } }],
        },
        {
          id: '3b',
          expression: 'vars.limit == 1',
          steps: [{ id: '5', operator: '@internal/return', parameters: { ok: true } }],
        },
        { id: '3c', default: true, steps: [{ id: '6', operator: '@internal/time/now' }] },
      ],
    },
  ],
};

type Path = readonly (string | number)[];

/** Where every value within stands, the value itself included. */
export function pathsIn(value: Json, at: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [at];
  const entries: (readonly [string | number, Json])[] = Array.isArray(value)
    ? value.map((item: Json, i) => [i, item] as const)
    : Object.entries(value);
  return [at, ...entries.flatMap(([key, item]) => pathsIn(item, [...at, key]))];
}

/** The same with another value at one place. */
export function withValue(value: Json, [key, ...rest]: Path, other: Json): Json {
  if (key === undefined) return other;
  if (Array.isArray(value)) return value.map((item: Json, i) => (i === key ? withValue(item, rest, other) : item));
  const object = value as JsonObject;
  return { ...object, [key]: withValue(object[key] ?? null, rest, other) };
}

/** Whether a JSON pointer leads to a place of a request, or to one that could stand beside what is there. */
function leadsInto(sent: unknown, pointer: string): boolean {
  if (pointer === '') return true;
  if (!pointer.startsWith('/')) return false;
  const keys = pointer
    .slice(1)
    .split('/')
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
  let at: unknown = sent;
  for (const key of keys.slice(0, -1)) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return false;
    at = (at as Record<string, unknown>)[key];
  }
  return typeof at === 'object' && at !== null;
}

/** A pointer that leads nowhere; what lies below a value that is a fault itself (a field of what should be an object) may. */
export function strayPointer(sent: unknown, faults: readonly { readonly pointer: string }[]): string | undefined {
  const pointers = faults.map(({ pointer }) => pointer);
  return pointers.find(
    (pointer) =>
      !leadsInto(sent, pointer) && !pointers.some((other) => pointer.startsWith(`${other}/`) && leadsInto(sent, other)),
  );
}
