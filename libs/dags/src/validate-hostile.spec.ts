import type { Step } from '@flow/operators';
import { step } from '@flow/testing/dags';
import { effortOf } from '@flow/testing/kernel';
import fc from 'fast-check';
import { FORM, TRIGGER, branches, check, faultsOf, reads } from './testing/definition-faults';

describe('hostile input', () => {
  it('answers 10,000 steps and 10,000 levels at once', async () => {
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
    for (const sent of [many, nested, wide]) expect(await effortOf(() => check(sent))).toBeLessThan(300);
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
    startBy: 'PT1M', concurrency: { max: 1, key: '{{url}}', onFull: 'queue' }, rateLimit: { max: 1, per: 'PT1S', key: '{{trigger.url}}', burst: 1 }, retention: { failed: 'P1D' }, onFailure: 1,
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
