import type { Json, JsonObject } from '@flow/kernel';
import { OperatorCatalogue } from '@flow/operators';
import { codeOf, outputOf, run, theAction } from '@flow/testing/builtins';
import { FixedClock } from '@flow/testing/kernel';

const CITIES: Json = [
  { name: 'Oslo', rain: 3, since: '2026-01-01T00:00:00Z' },
  { name: 'Rome', rain: 0, since: '2026-02-01T00:00:00Z' },
  { name: 'Lima', rain: null },
];
const names = async (parameters: JsonObject) =>
  ((await outputOf('@internal/array/filter', { data: CITIES, ...parameters })).data as { name: string }[]).map(
    ({ name }) => name,
  );

/** Whoever asks for the time finds that some has passed. */
class SlowClock extends FixedClock {
  private asked = 0;
  constructor(private readonly stepMs: number) {
    super();
  }
  override monotonicMs(): number {
    return (this.asked += this.stepMs);
  }
}

describe('@internal/array/filter', () => {
  it.each<[Json, string[]]>([
    [[[{ id: '1', key: 'rain', filter: 'number-gt', value: 1 }]], ['Oslo']],
    [[[{ key: 'rain', filter: 'number-lte', value: '3' }]], ['Oslo', 'Rome']],
    [[[{ key: 'name', filter: 'string-contains', value: 'o' }]], ['Oslo', 'Rome']],
    [[[{ key: 'name', filter: 'string-match', value: '^[LR]' }]], ['Rome', 'Lima']],
    [[[{ key: 'since', filter: 'date-later-than', value: '2026-01-15' }]], ['Rome']],
    [[[{ key: 'rain', filter: 'is-null' }]], ['Lima']],
    [
      [
        [
          { key: 'rain', filter: 'not-null' },
          { key: 'rain', filter: 'number-lt', value: 1 },
        ],
      ],
      ['Rome'],
    ],
    [
      [[{ key: 'name', filter: 'string-eq', value: 'Oslo' }], [{ key: 'name', filter: 'string-eq', value: 'Lima' }]],
      ['Oslo', 'Lima'],
    ],
    [[], ['Oslo', 'Rome', 'Lima']],
  ])('by %j', async (Conditions, expected) => expect(await names({ Conditions })).toEqual(expected));

  it('by an expression, which reads item, index and the values beside it', async () => {
    expect(await names({ expression: 'item.rain != null && item.rain > limit', values: { limit: 2 } })).toEqual([
      'Oslo',
    ]);
    expect(await names({ expression: '{{ index > 0 }}' })).toEqual(['Rome', 'Lima']);
  });

  it('takes items that are no objects, and JSON text', async () => {
    const Conditions = [[{ filter: 'number-gt', value: 1 }]];
    expect(await outputOf('@internal/array/filter', { data: [1, 2, 3], Conditions })).toEqual({ data: [2, 3] });
    expect(await outputOf('@internal/array/filter', { data: '[1,2]', Conditions })).toEqual({ data: [2] });
    expect(await outputOf('@internal/array/filter', { data: null, Conditions })).toEqual({ data: [] });
  });

  it('fails when the data is no list, or the expression neither true nor false', async () => {
    expect(await codeOf('@internal/array/filter', { data: 'text' })).toBe('array.data_invalid');
    expect(await codeOf('@internal/array/filter', { data: [1], expression: 'item + 1' })).toBe('array.not_a_condition');
  });
});

describe('@internal/array/map', () => {
  it('by one expression', async () => {
    expect(await outputOf('@internal/array/map', { data: [1, 2], expression: 'item * 10 + index' })).toEqual({
      data: [10, 21],
    });
  });

  it('names the item for which the expression failed', async () => {
    const outcome = await run('@internal/array/map', { data: [1, {}], expression: 'item * 2' });
    expect(outcome).toMatchObject({
      kind: 'failed',
      error: { code: 'expression.failed', message: expect.stringMatching(/^Item 1: /) as string },
    });
  });

  it('lets others have their turn on a long list, and stops when it is told to', async () => {
    const data = Array.from({ length: 5000 }, (_, i) => i);
    const parameters = { data, expression: 'item + 1' };
    const clock = new SlowClock(0.05);
    let turns = 0;
    const tick = () => {
      turns += 1;
      if (turns < 100) setImmediate(tick);
    };
    setImmediate(tick);
    expect(((await outputOf('@internal/array/map', parameters, { clock })).data as number[]).at(-1)).toBe(5000);
    expect(turns).toBeGreaterThan(1);
    const aborted = { clock, signal: AbortSignal.abort() };
    expect(await codeOf('@internal/array/map', parameters, aborted)).toBe('task.aborted');
  });

  it.each<[string, JsonObject]>([
    ['map', { expression: 'range(900000).size()' }],
    ['map', { fields: { a: 'range(900000).size()', b: '1' } }],
    ['filter', { expression: 'range(900000).size() > 0' }],
    ['group', { expression: 'range(900000).size()' }],
    ['sort', { by: [{ expression: 'range(900000).size()' }] }],
  ])('and its like (%s) stop when the items together are too dear', async (name, parameters) => {
    const data = Array.from({ length: 100 }, () => 0);
    expect(await codeOf(`@internal/array/${name}`, { data, ...parameters })).toBe('expression.too_costly');
  });
});

describe('@internal/array/sort', () => {
  it.each<[Json, Json, Json]>([
    [[3, 10, 1], [], [3, 10, 1]],
    [['b', 'a', 'B', 'é'], [{}], ['B', 'a', 'b', 'é']],
    [[2, null, 1], [{}], [1, 2, null]],
    [[2, null, 1], [{ order: 'desc', nulls: 'first' }], [null, 2, 1]],
    [['x', 2, true, [1]], [{}], [true, 2, 'x', [1]]],
    [
      [
        { a: 1, b: 1 },
        { a: 1, b: 2 },
        { a: 0, b: 3 },
      ],
      [{ key: 'a' }, { key: 'b', order: 'desc' }],
      [
        { a: 0, b: 3 },
        { a: 1, b: 2 },
        { a: 1, b: 1 },
      ],
    ],
    [['ccc', 'a', 'bb'], [{ expression: 'size(item)', order: 'desc' }], ['ccc', 'bb', 'a']],
  ])('%j by %j', async (data, by, sorted) => {
    const before = JSON.stringify(data);
    expect(await outputOf('@internal/array/sort', { data, by })).toEqual({ data: sorted });
    expect(JSON.stringify(data)).toBe(before);
  });
});

it('@internal/array/sort compares the items themselves unless told otherwise', async () => {
  expect(await outputOf('@internal/array/sort', { data: [3, 10, 1] })).toEqual({ data: [1, 3, 10] });
});

describe('@internal/array/group', () => {
  it('tells values of different types apart, and puts items without one together', async () => {
    const data = [{ k: 1 }, { k: '1' }, {}, { k: 1 }, { k: null }];
    const { groups } = await outputOf('@internal/array/group', { data, key: 'k' });
    expect((groups as JsonObject[]).map(({ key, count }) => [key, count])).toEqual([
      [1, 2],
      ['1', 1],
      [null, 2],
    ]);
  });

  it('by an expression', async () => {
    const { groups } = await outputOf('@internal/array/group', {
      data: [1, 2, 3, 4],
      expression: 'item > limit',
      values: { limit: 1 },
    });
    expect((groups as JsonObject[]).map(({ key, count }) => [key, count])).toEqual([
      [false, 1],
      [true, 3],
    ]);
  });
});

describe('@internal/array/aggregate', () => {
  const all = ['count', 'countDistinct', 'sum', 'avg', 'min', 'max', 'median', 'first', 'last', 'list'].map((op) => ({
    op,
    key: 'v',
    as: op,
  }));

  it('over the whole list; null never counts', async () => {
    const data = [{ v: 4 }, { v: 1 }, { v: null }, {}, { v: 1 }];
    const { result } = await outputOf('@internal/array/aggregate', { data, aggregates: all });
    expect(result).toEqual({
      count: 3,
      countDistinct: 2,
      sum: 6,
      avg: 2,
      min: 1,
      max: 4,
      median: 1,
      first: 4,
      last: 1,
      list: [4, 1, 1],
    });
  });

  it('over nothing', async () => {
    const { data } = await outputOf('@internal/array/aggregate', { data: [], aggregates: all });
    expect(data).toEqual([
      {
        count: 0,
        countDistinct: 0,
        sum: 0,
        avg: null,
        min: null,
        max: null,
        median: null,
        first: null,
        last: null,
        list: [],
      },
    ]);
  });

  it('over groups by several keys, in the order in which they first come', async () => {
    const data = [
      { c: 'NO', y: 1, v: 1 },
      { c: 'IT', y: 1, v: 2 },
      { c: 'NO', y: 1, v: 3 },
    ];
    const output = await outputOf('@internal/array/aggregate', {
      data,
      groupBy: ['c', 'y'],
      aggregates: [{ op: 'sum', key: 'v', as: 'total' }],
    });
    expect(output.data).toEqual([
      { c: 'NO', y: 1, total: 4 },
      { c: 'IT', y: 1, total: 2 },
    ]);
    expect(
      (
        await outputOf('@internal/array/aggregate', {
          data: [],
          groupBy: ['c'],
          aggregates: [{ op: 'count', as: 'n' }],
        })
      ).result,
    ).toBeNull();
  });
});

describe('@internal/array/aggregate on a long list', () => {
  it('lets others have their turn between its cells', async () => {
    const aggregates = Array.from({ length: 50 }, (_, i) => ({ op: 'median', as: `m${i}` }));
    let turned = false;
    setImmediate(() => (turned = true));
    const parameters = { data: [3, 1, 2], aggregates };
    const { result } = await outputOf('@internal/array/aggregate', parameters, { clock: new SlowClock(1) });
    expect(result).toMatchObject({ m0: 2, m49: 2 });
    expect(turned).toBe(true);
  });
});

describe('what list operators are refused for when a DAG is saved', () => {
  it.each<[string, JsonObject, string[]]>([
    ['map', { data: '{{__1.rows}}', expression: 'item.a +' }, ['/expression']],
    ['map', { data: [], fields: { a: 'item.a', 'b/c': 'item ++' } }, ['/fields/b~1c']],
    ['map', { data: [] }, ['/expression']],
    ['map', { data: [], expression: 'item', fields: { a: 'item' } }, ['']],
    ['filter', { data: [], expression: 'item', Conditions: [] }, ['/expression']],
    ['filter', { data: [], Conditions: [[{ filter: 'number-greater' }]] }, ['/Conditions/0/0/filter']],
    ['sort', { data: [], by: [{ expression: ')' }] }, ['/by/0/expression']],
    ['group', { data: [], expression: '1 +' }, ['/expression']],
    ['aggregate', { data: [], aggregates: [{ op: 'mode', as: 'x' }] }, ['/aggregates/0/op']],
    ['map', { data: '{{__1.rows}}', expression: 'item.a * limit', values: { limit: '{{vars.limit}}' } }, []],
  ])('%s %j', (name, parameters, pointers) => {
    const operator = theAction(`@internal/array/${name}`);
    const faults = new OperatorCatalogue([operator]).faultsOf(operator, parameters, { templates: true });
    expect(faults.map(({ pointer }) => pointer)).toEqual(pointers);
  });
});

describe('a name that no item has', () => {
  it('is a fault when the step is saved, wherever the expression stands', () => {
    const check = (id: string, parameters: JsonObject) =>
      theAction(id)
        .check?.(parameters)
        .map(({ pointer, code }) => `${pointer} ${code}`);
    const values = { limit: '{{vars.limit}}' };
    expect(check('@internal/array/filter', { data: [], expression: 'item.a > limit', values })).toEqual([]);
    expect(check('@internal/array/filter', { data: [], expression: 'item.a > values.limit', values })).toEqual([
      '/expression expression.unknown_name',
    ]);
    expect(check('@internal/array/map', { data: [], fields: { x: 'itm.a' } })).toEqual([
      '/fields/x expression.unknown_name',
    ]);
    expect(check('@internal/array/sort', { data: [], by: [{ expression: 'row.a' }] })).toEqual([
      '/by/0/expression expression.unknown_name',
    ]);
    expect(check('@internal/array/group', { data: [], expression: 'vars.a' })).toEqual([
      '/expression expression.unknown_name',
    ]);
  });
});
