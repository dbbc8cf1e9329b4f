import { pointerTo, type Json } from '@flow/kernel';
import fc from 'fast-check';
import { compileExpression, compileValue, expressionFaults, type Reference, type Scope } from '.';

const data: Record<string, Json> = { a: 1, o: { k: ['v'] } };
const scope: Scope = { get: (name) => (Object.hasOwn(data, name) ? data[name] : undefined) };

describe('values', () => {
  it('renders texts at any depth, keys never', () => {
    const value = compileValue({ '{{a}}': ['{{a}}', { x: 'n={{a}}', y: '{{o}}' }], n: null, b: true });
    expect(value.evaluate(scope)).toEqual({ '{{a}}': [1, { x: 'n=1', y: { k: ['v'] } }], n: null, b: true });
    expect(value.constant).toBe(false);
  });

  it('gives parts that hold no expression as they stand', () => {
    const still = { deep: [1, { x: 'y' }] };
    const value = compileValue({ still, moving: '{{a}}' });
    expect((value.evaluate(scope) as { still: unknown }).still).toBe(still);
    expect(compileValue(still).constant).toBe(true);
  });

  it('builds a new value at each evaluation', () => {
    const value = compileValue({ x: ['{{a}}'] });
    expect(value.evaluate(scope)).not.toBe(value.evaluate(scope));
  });

  it('names every fault by its pointer', () => {
    const value = { a: ['{{1+}}', { 'x/y~': '{{)}}' }], b: '{{ok}}', c: { prototype: '{{' }, d: 'x {{nosuch()}}' };
    const faults = expressionFaults(value, '/steps/0/parameters');
    expect(faults.map(({ pointer }) => pointer)).toEqual([
      '/steps/0/parameters/a/0',
      '/steps/0/parameters/a/1/x~1y~0',
      '/steps/0/parameters/c/prototype',
      '/steps/0/parameters/d',
    ]);
    expect(new Set(faults.map(({ code }) => code))).toEqual(new Set(['expression.invalid']));
    expect(() => compileValue(value)).toThrow(
      expect.objectContaining({ code: 'expression.invalid', faults: expressionFaults(value, '') }) as Error,
    );
    expect(() => compileValue(value)).toThrow('(and 3 more)');
  });

  it('finds no fault in what compiles', () => {
    expect(expressionFaults({ a: ['{{a}}', 'b', 1, null] }, '')).toEqual([]);
  });

  it('leaves any data without braces as it is', () => {
    const json = fc
      .jsonValue()
      .filter((value) => !/\{\{|__proto__|"constructor"|"prototype"/.test(JSON.stringify(value)));
    fc.assert(fc.property(json, (value) => expect(compileValue(value as Json).evaluate(scope)).toEqual(value)));
  });

  it('points to the one text that is wrong, wherever it stands', () => {
    const path = fc.array(fc.oneof(fc.nat({ max: 3 }), fc.string({ unit: fc.constantFrom('a', '/', '~', ' ') })), {
      maxLength: 6,
    });
    fc.assert(
      fc.property(path, (keys) => {
        const value = keys.reduceRight<Json>(
          (inner, key) =>
            typeof key === 'number' ? [...Array<Json>(key).fill('fine {{a}}'), inner] : { [key]: inner },
          '{{wrong(}}',
        );
        const pointer = keys.reduce<string>((parent, key) => pointerTo(parent, key), '/at');
        expect(expressionFaults(value, '/at').map((fault) => fault.pointer)).toEqual([pointer]);
      }),
    );
  });
});

describe('references', () => {
  const of = (text: string): readonly Reference[] => compileExpression(text).references;
  const ref = (name: string, ...path: (string | number)[]): Reference => ({ name, path });

  it.each<[string, readonly Reference[]]>([
    ['__1.a.0', [ref('__1', 'a', 0)]],
    ["__my-step.a.'b c'", [ref('__my-step', 'a', 'b c')]],
    ["__my-step.a.'b c'.007", [ref('__my-step', 'a', 'b c', '007')]],
    ["step('x y').z + 1", [ref('__x y', 'z')]],
    ["step('x y')", [ref('__x y')]],
    ['1 + 2', []],
    ['a.b + a.b + a.c', [ref('a', 'b'), ref('a', 'c')]],
    ['a[0]["x"].y > 1', [ref('a', 0, 'x', 'y')]],
    ['a.b[c.d].e', [ref('a', 'b'), ref('c', 'd')]],
    ['a.map(x, x.b + y)', [ref('a'), ref('y')]],
    ['a.map(x, x).exists(x, x == b)', [ref('a'), ref('b')]],
    ['x.map(x, x.map(x, x))', [ref('x')]],
    ['a.filter(x, x.b) + x', [ref('a'), ref('x')]],
    ['has(a.b.c)', [ref('a', 'b', 'c')]],
    ['a ? b : c', [ref('a'), ref('b'), ref('c')]],
    ["secrets['a' + k]", [ref('secrets'), ref('k')]],
    ['{"k": a}', [ref('a')]],
    ['constructor.x', [ref('constructor', 'x')]],
  ])('of %s are %j', (text, expected) => {
    const sorted = (references: readonly Reference[]): string[] => references.map((r) => JSON.stringify(r)).sort();
    expect(sorted(of(text))).toEqual(sorted(expected));
    expect(sorted(compileValue([`x{{ ${text} }}`, `{{${text}}}`]).references)).toEqual(sorted(expected));
  });

  it('takes a whole expression with braces around it or without', () => {
    for (const text of ['a', '{{a}}', ' {{ a }} ', '{{ a }}\n'])
      expect(compileExpression(text).evaluate(scope)).toBe(1);
    expect(compileExpression('{{ {"x": {"y": a}} }}').evaluate(scope)).toEqual({ x: { y: 1 } });
    expect(() => compileExpression('{{a}} {{a}}')).toThrow(
      expect.objectContaining({ code: 'expression.invalid' }) as Error,
    );
    expect(() => compileExpression('')).toThrow('The expression is empty');
  });

  it('asks the scope for steps under the name that it reports, when it has no steps of its own', () => {
    const steps: Scope = { get: (name) => (name === '__x y' ? { z: 7 } : undefined) };
    expect(compileExpression("step('x y').z").evaluate(steps)).toBe(7);
    expect(compileExpression("step('x y').z").evaluate({ ...steps, step: () => ({ z: 8 }) })).toBe(8);
  });
});
