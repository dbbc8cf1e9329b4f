import type { Json } from '@flow/kernel';
import { compileExpression, compileTemplate, compileValue, expressionFaults, type Scope } from '.';

/** A scope such as a careless caller would write: the names of Object.prototype are within its reach. */
const scopeOf = (data: Record<string, Json>): Scope => ({ get: (name) => data[name], step: (id) => data[`__${id}`] });
const evaluate = (text: string, data: Record<string, Json> = {}): Json =>
  compileExpression(text).evaluate(scopeOf(data));
const errorOf = (work: () => unknown): { code?: string; message?: string; details?: unknown } => {
  try {
    work();
    return {};
  } catch (error) {
    return error as Error;
  }
};
const codeOf = (work: () => unknown): string => {
  const { code, message } = errorOf(work);
  return code ?? message ?? 'no error';
};

const DATA: Record<string, Json> = {
  o: { a: 1, toString: 'mine' },
  l: [1, 2, 3],
  s: 'text',
  n: 5,
  b: true,
  z: null,
  evil: '{{o.a}}',
  code: 'process.exit(1)',
};

describe('what would reach the host', () => {
  it.each([
    'constructor',
    '__proto__',
    'prototype',
    'o.constructor',
    'o.__proto__',
    "o['__proto__']",
    "o['constructor']['constructor']",
    "o.'constructor'.'constructor'",
    "o['con' + 'structor']",
    "o['\\u0063onstructor']",
    "o['\\x63onstructor']",
    "o['__pro' + 'to__']",
    'o.hasOwnProperty',
    'o.valueOf',
    'o.__defineGetter__',
    'o.__lookupGetter__',
    'l.constructor',
    'l.length',
    'l.map',
    'l.push',
    "l['length']",
    'l[-1]',
    'l[0.5]',
    'l[1e300]',
    'l["0"]',
    'l.99999999999999999999999',
    's.length',
    's.constructor',
    's.0',
    's[0]',
    "s['__proto__']",
    'n.toFixed',
    'n.constructor.constructor',
    'b.valueOf',
    'z.anything.at.all',
    'l.0.constructor',
    'globalThis',
    'process',
    'process.env.PATH',
    'require',
    'module',
    'Function',
    'eval',
    'Object',
    'this',
    'window',
    'arguments',
    'undefined',
    'l.map(x, x).constructor',
    "{'a': 1}.constructor",
    "{'a': 1}.toString",
    '[1].length',
    "'text'.length",
    "step('constructor')",
    "step('proto__').constructor",
  ])('reads %s as null', (text) => {
    expect(evaluate(text, DATA)).toBeNull();
  });

  it.each([
    "Function('return process')()",
    "o.constructor('return process')()",
    'constructor.constructor("return 1")()',
    'eval("1")',
    'require("fs")',
    'process.exit(1)',
    'o.toString()',
    'o.hasOwnProperty("a")',
    'l.push(4)',
    'l.constructor()',
    's.toUpperCase()',
    's.replace.call("a")',
    'l.map.call(l, x, x)',
    'l.map.apply(l)',
    'l.__proto__()',
    'globalThis.process.exit()',
    'import("fs")',
    'new Date()',
    '(() => 1)()',
    'function() { return 1 }',
    'a = 1',
    'l[0] = 2',
    'a; b',
    '`${process}`',
    '/a/.test(s)',
    'o?.a',
    'x => x',
    'typeof o',
    'delete o.a',
    "b'bytes'",
    'step(evil)',
    "step('a' + 'b')",
    'step()',
    "step('a', 'b')",
    "step('')",
    "{'__proto__': 1}",
    "{'constructor': 1}",
    'l.map(1, 1)',
    'l.map(o.a, 1)',
    'l.map(x)',
    'l.filter(x, 1, 2)',
    'has(o)',
    'has(1 + 1)',
    'has()',
    'now()',
    'random()',
    'size()',
    'size(1, 2)',
    '__proto__()',
    'constructor()',
    'toString()',
    'valueOf()',
    "'a'.constructor()",
  ])('refuses %s before any data is near', (text) => {
    expect(codeOf(() => compileExpression(text))).toBe('expression.invalid');
  });

  it('reads own keys whatever they are called, and only those', () => {
    expect(evaluate('o.toString + "/" + size(o)', DATA)).toBe('mine/2');
    const hostile = JSON.parse('{"constructor": {"a": 7}, "__proto__": {"polluted": true}}') as Json;
    expect(evaluate('h.constructor.a + size(h.__proto__)', { h: hostile })).toBe(8);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it('never runs what comes from data', () => {
    expect(compileTemplate('{{evil}} {{code}}').evaluate(scopeOf(DATA))).toBe('{{o.a}} process.exit(1)');
    expect(evaluate("evil + '}}{{' + evil", DATA)).toBe('{{o.a}}}}{{{{o.a}}');
    expect(compileValue({ a: ['{{evil}}'] }).evaluate(scopeOf(DATA))).toEqual({ a: ['{{o.a}}'] });
  });

  it.each(['__proto__', 'constructor', 'prototype'])('builds no object with the key %s', (key) => {
    expect(codeOf(() => evaluate('{k: 1}', { k: key }))).toBe('expression.failed');
    expect(codeOf(() => evaluate('parseJson(t)', { t: `[{"${key}": {"a": 1}}]` }))).toBe('expression.failed');
    const hostile = JSON.parse(`{"${key}": {"polluted": 1}}`) as Json;
    expect(codeOf(() => evaluate('merge({"a": 1}, h)', { h: hostile }))).toBe('expression.failed');
    expect(codeOf(() => compileValue(hostile))).toBe('expression.invalid');
    expect(expressionFaults({ p: hostile }, '/parameters')).toEqual([
      { pointer: `/parameters/p/${key}`, code: 'expression.invalid', message: `The key "${key}" is not allowed` },
    ]);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it('does not touch accessors of the prototypes', () => {
    let touched = 0;
    Object.defineProperty(Object.prototype, 'trap', { configurable: true, get: () => (touched += 1) });
    try {
      expect(
        evaluate(
          '[o.trap, l.trap, s.trap, has(o.trap), "trap" in o, {"a": 1}.trap, o == {"a": 1, "toString": "mine"}]',
          DATA,
        ),
      ).toEqual([null, null, null, false, false, null, true]);
    } finally {
      delete (Object.prototype as { trap?: unknown }).trap;
    }
    expect(touched).toBe(0);
  });

  it('changes no data', () => {
    const data = structuredClone(DATA);
    for (const text of ['l.sort()', 'l.reverse()', 'l + [4]', 'merge(o, {"b": 2})', 'l.map(x, x + 1)', 'l.distinct()'])
      evaluate(text, data);
    expect(data).toEqual(DATA);
  });

  it('names no value in its messages', () => {
    for (const text of [
      'secret - 1',
      'upper([secret])',
      'number(secret)',
      '{secret: 1}.a + secret * 2',
      'bool(secret)',
      'timestamp(secret)',
      "'a'.matches(secret + '(')",
      'parseJson(secret)',
    ]) {
      const error = errorOf(() => evaluate(text, { secret: 'hunter2' }));
      expect(error.code).toBe('expression.failed');
      expect(`${error.message} ${JSON.stringify(error.details)}`).not.toContain('hunter2');
    }
  });
});

describe('what would run away', () => {
  const deep = (levels: number): Json => {
    let value: Json = 1;
    for (let i = 0; i < levels; i += 1) value = [value];
    return value;
  };

  it.each<[string, string]>([
    ['brackets', '('.repeat(8_000) + ')'.repeat(8_000)],
    ['brackets around a value', `${'('.repeat(5_000)}1${')'.repeat(5_000)}`],
    ['lists', '['.repeat(8_000) + ']'.repeat(8_000)],
    ['objects', `${'{"a":'.repeat(2_000)}1${'}'.repeat(2_000)}`],
    ['open brackets', '('.repeat(16_000)],
    ['signs', `${'!'.repeat(16_000)}true`],
    ['spaced signs', `${'- '.repeat(8_000)}1`],
    ['conditions', `${'true ? 1 : '.repeat(1_000)}1`],
    ['calls', `${'abs('.repeat(2_000)}1${')'.repeat(2_000)}`],
    ['methods', `"a"${'.trim()'.repeat(2_000)}`],
    ['parts', `a${'.b[0]'.repeat(3_000)}`],
    ['comparisons', `1${' == 1'.repeat(2_000)}`],
    ['sums', `1${'+1'.repeat(6_000)}`],
    ['macros', `${'[1].map(x, '.repeat(500)}1${')'.repeat(500)}`],
    ['elements', `[${'1,'.repeat(7_000)}1]`],
    ['arguments', `min(${'1,'.repeat(5_000)}1)`],
    ['characters', '1 '.repeat(9_000)],
    ['digits', '9'.repeat(16_000)],
    ['exponents', '1e999999'],
    ['repeats', '"a".matches("(a{1000}){1000}")'],
    ['nested repeats', '"a".matches("((a{100}){100}){100}")'],
    ['big programs', '"a".matches("(\\\\pL{1,100}\\\\pN{1,100}){10}")'],
    ['long patterns', `"a".matches("${'a'.repeat(600)}")`],
    ['groups', `"a".matches("${'('.repeat(250)}${')'.repeat(250)}(")`],
  ])('refuses too many %s', (_, text) => {
    expect(codeOf(() => compileExpression(text))).toBe('expression.invalid');
  });

  it('takes long chains that people write', () => {
    expect(evaluate(`1${' + 1'.repeat(1_500)}`)).toBe(1_501);
    expect(evaluate(`1${' * 1'.repeat(1_500)}`)).toBe(1);
    expect(evaluate(`n == 0${' || n == 1'.repeat(600)} || n == 5`, DATA)).toBe(true);
    expect(evaluate(`a${'.b'.repeat(90)}`, DATA)).toBeNull();
  });

  const doubling = (times: number, twice: string): string => `["ab"]${`.map(x, ${twice})`.repeat(times)}`;
  const list = Array.from({ length: 2_000 }, (_, i) => i);
  const long = 'a'.repeat(1_000_000);

  it.each<[string, string, Record<string, Json>]>([
    ['texts that double', doubling(40, 'x + x'), {}],
    ['texts that double by replace', doubling(12, 'x.replace("a", "aaaaaaaa")'), {}],
    ['texts that double by join', doubling(40, '[x, x].join(x)'), {}],
    ['texts that double by split and join', doubling(20, 'x.split("").join("aaaa")'), {}],
    ['lists that double by reference', doubling(60, '[x, x]'), {}],
    ['lists that double', `[[1]]${'.map(x, x + x)'.repeat(40)}`, {}],
    ['lists that double, as JSON', `${doubling(60, '[x, x]')}.map(x, toJson(x))`, {}],
    ['lists that double, compared', `${doubling(60, '[x, x]')} == ${doubling(60, '[x, x]')}`, {}],
    ['objects that double', doubling(60, '{"a": x, "b": x}'), {}],
    ['nested macros', 'l.map(a, l.map(b, l.map(c, a + b + c)))', { l: list }],
    ['nested filters', 'l.filter(a, l.exists(b, l.exists(c, c == -1)))', { l: list }],
    ['membership in membership', 'l.all(a, l.all(b, !(-1 in l)))', { l: list }],
    ['sorting in a loop', 'l.map(x, l.sort())', { l: list }],
    ['flattening in a loop', 'l.map(x, l).flatten().map(x, l).flatten()', { l: list }],
    ['merging in a loop', 'l.map(x, merge(o, o))', { l: list, o: Object.fromEntries(list.map((i) => [`k${i}`, i])) }],
    ['ranges', 'range(1000000000)', {}],
    ['nested ranges', 'range(1000).map(a, range(1000).map(b, range(1000)))', {}],
    ['splitting', 't.split("")', { t: long + long }],
    ['splitting by one character', 't.split("a")', { t: long }],
    ['replacing everything', 't.replace("a", u)', { t: long, u: long }],
    ['joining much', 'l.join(t)', { l: list, t: long }],
    ['matching much', 't.matches("(x+x+)+y.*(a|aa)+$")', { t: long }],
    ['a pattern that makes many states', 't.matches("(\\\\pL{1,30}){30}$")', { t: `${long}1` }],
    ['many patterns from data', 'l.exists(x, t.matches("a" + x))', { l: list, t: 'b' }],
    ['searching in a loop', 'l.exists(x, t.contains("b"))', { l: list, t: long }],
    [
      'comparing long texts in a loop',
      'l.all(x, t == u)',
      { l: list, t: long, u: `${long.slice(1)}b`.slice(0, -1) + 'a' },
    ],
    ['changing long texts in a loop', 'l.map(x, size(upper(t)))', { l: list, t: long }],
    ['times in a loop', 'l.map(x, l.map(y, addDuration("2024-05-01", "PT1H")))', { l: list }],
    [
      'long times in a loop',
      'l.exists(x, has(s.y) || timestamp(t) == x)',
      { l: list, t: `${' '.repeat(100_000)}2024-05-01` },
    ],
    ['deep data as JSON', 'toJson(d)', { d: deep(5_000) }],
    ['deep data compared', 'd == e', { d: deep(5_000), e: deep(5_000) }],
    ['deep data from text', 'parseJson(t)', { t: '['.repeat(5_000) + ']'.repeat(5_000) }],
    ['deep data in a list', '[d]', { d: deep(5_000) }],
  ])('stops %s', (_, text, data) => {
    expect(codeOf(() => evaluate(text, data))).toBe('expression.too_costly');
  });

  it('stops a value whose expressions are dear together, though each is cheap', () => {
    const value = compileValue(Array.from({ length: 1_000 }, () => '{{l.map(x, x + 1).size()}}'));
    expect(codeOf(() => value.evaluate(scopeOf({ l: list })))).toBe('expression.too_costly');
    const text = compileTemplate('{{l.map(x, x + 1).size()}}'.repeat(1_000));
    expect(codeOf(() => text.evaluate(scopeOf({ l: list })))).toBe('expression.too_costly');
  });

  it('stops a value that shows the same large data again and again', () => {
    const value = compileValue(Array.from({ length: 10_000 }, () => '{{big}}'));
    expect(codeOf(() => value.evaluate(scopeOf({ big: [long] })))).toBe('expression.too_costly');
    const texts = compileValue(Array.from({ length: 10_000 }, () => '{{big}}'));
    expect(codeOf(() => texts.evaluate(scopeOf({ big: long })))).toBe('expression.too_costly');
  });

  it('gives one large piece of data as it stands, without a look at it', () => {
    const big = list.map(() => list);
    expect(evaluate('big', { big })).toBe(big);
    expect(compileValue({ a: '{{big}}', b: '{{n}}' }).evaluate(scopeOf({ big, n: 1 }))).toEqual({ a: big, b: 1 });
  });

  it('costs the same at every evaluation, whatever was compiled before', () => {
    const expression = compileExpression('l.exists(x, t.matches("c" + x))');
    const codes = [1, 2, 3].map(() => codeOf(() => expression.evaluate(scopeOf({ l: list, t: 'b' }))));
    expect(new Set(codes).size).toBe(1);
  });

  it.each<[string, string, Json]>([
    ['(a+)+$', `${'a'.repeat(20_000)}!`, false],
    ['^(a|a)*$', `${'a'.repeat(20_000)}!`, false],
    ['(a|aa)+$', `${'a'.repeat(20_000)}!`, false],
    ['(.*a){12}$', `${'a'.repeat(3_000)}!`, false],
    ['^(([a-z])+.)+[A-Z]([a-z])+$', 'a'.repeat(20_000), false],
  ])('matches %s in linear time', (pattern, text, expected) => {
    expect(evaluate('t.matches(p)', { t: text, p: pattern })).toBe(expected);
  });

  it('finishes searches whose worst case is the product of the lengths', () => {
    const half = 'a'.repeat(50_000);
    expect(evaluate('t.contains(p)', { t: long, p: `${half}b${half}` })).toBe(false);
    expect(evaluate('t.indexOf(p)', { t: `${long}b${half}`, p: `${half}b${half}` })).toBe(950_000);
    expect(evaluate('size(t.replace(p, ""))', { t: `${long}b${half}`, p: `${half}b${half}` })).toBe(950_000);
  });

  it('reads braces that nobody closes once, however many there are', () => {
    expect(compileTemplate('{{{a}}'.repeat(43_000)).parts).toHaveLength(86_000);
    expect(compileTemplate('{'.repeat(250_000)).constant).toBe(true);
  });

  it('refuses a text with expressions that is too long, and takes one without of any length', () => {
    expect(codeOf(() => compileTemplate(`${'x'.repeat(300_000)}{{a}}`))).toBe('expression.invalid');
    expect(compileTemplate('x'.repeat(300_000)).constant).toBe(true);
    expect(compileTemplate(`${'x'.repeat(9_000)}{{n}}`).evaluate(scopeOf(DATA))).toBe(`${'x'.repeat(9_000)}5`);
  });

  it.each(['{{', '{{{', '{{ {', "{{ '", '{{}} ', '{{ {{ }}', '{{{{}}}}', '{{{ {{{ }}}', '}}', "{{'}}"])(
    'compiles or refuses %s, thousands of times over, without delay',
    (piece) => {
      expect(['no error', 'expression.invalid']).toContain(codeOf(() => compileTemplate(piece.repeat(20_000))));
    },
  );

  it('refuses a value that nests too deep', () => {
    expect(codeOf(() => compileValue(deep(5_000)))).toBe('expression.invalid');
  });
});
