import type { Json, JsonObject } from '@flow/kernel';
import fc from 'fast-check';
import { compileExpression, compileTemplate, expressionFaults, type Scope } from '.';

/** What the model says of an expression: its value, or that it fails. */
type Meaning = { readonly value: Json } | 'fails';
interface Written {
  readonly text: string;
  readonly means: Meaning;
}

const codeOf = (error: unknown): string => (error as { code?: string }).code ?? String(error);
const RUN_ERRORS = ['expression.failed', 'expression.too_costly'];

const both = (a: Written, b: Written, work: (x: number, y: number) => number): Meaning => {
  if (a.means === 'fails' || b.means === 'fails') return 'fails';
  if (a.means.value === null || b.means.value === null) return { value: null };
  const result = work(a.means.value as number, b.means.value as number);
  return Number.isFinite(result) ? { value: result + 0 } : 'fails';
};

/** Numbers, and paths to numbers or to nothing, under arithmetic. */
const numbers = fc.letrec<{ number: Written }>((tie) => ({
  number: fc.oneof(
    { maxDepth: 5 },
    fc.nat({ max: 1_000 }).map((n) => ({ text: String(n), means: { value: n } })),
    fc
      .double({ min: 0, max: 1e6, noNaN: true })
      .filter((n) => !String(n).includes('e'))
      .map((n) => ({ text: String(n), means: { value: n } })),
    fc.constantFrom<Written>(
      { text: 'o.five', means: { value: 5 } },
      { text: 'o.list.1', means: { value: -2.5 } },
      { text: "o['five']", means: { value: 5 } },
      { text: "o.'a b'", means: { value: 3 } },
      { text: 'o.missing.part', means: { value: null } },
      { text: 'o.list.7', means: { value: null } },
      { text: "step('x y').n", means: { value: 9 } },
    ),
    fc.tuple(fc.constantFrom('+', '-', '*', '/', '%'), tie('number'), tie('number')).map(([op, a, b]) => ({
      text: `(${a.text} ${op} ${b.text})`,
      means: both(a, b, (x, y) =>
        op === '+' ? x + y : op === '-' ? x - y : op === '*' ? x * y : op === '/' ? x / y : x % y,
      ),
    })),
    tie('number').map((a) => ({ text: `-(${a.text})`, means: both(a, { text: '', means: { value: 0 } }, (x) => -x) })),
    fc.tuple(tie('number'), tie('number')).map(([a, b]) => ({
      text: `(${a.text} == null ? ${b.text} : ${a.text})`,
      means: a.means === 'fails' ? 'fails' : a.means.value === null ? b.means : a.means,
    })),
  ),
})).number;

const ORDERS: Readonly<Record<string, (x: number, y: number) => boolean>> = {
  '<': (x, y) => x < y,
  '<=': (x, y) => x <= y,
  '>': (x, y) => x > y,
  '>=': (x, y) => x >= y,
};

const comparisons: fc.Arbitrary<Written> = fc
  .tuple(fc.constantFrom('<', '<=', '>', '>=', '==', '!='), numbers, numbers)
  .map(([op, a, b]): Written => {
    const text = `${a.text} ${op} ${b.text}`;
    if (a.means === 'fails' || b.means === 'fails') return { text, means: 'fails' };
    const [x, y] = [a.means.value, b.means.value];
    if (op === '==' || op === '!=') return { text, means: { value: (x === y) === (op === '==') } };
    return { text, means: { value: x !== null && y !== null && (ORDERS[op]?.(x as number, y as number) ?? false) } };
  });

const logic = fc.letrec<{ truth: Written }>((tie) => ({
  truth: fc.oneof(
    { maxDepth: 4 },
    comparisons,
    tie('truth').map((a): Written => {
      const means: Meaning = a.means === 'fails' ? 'fails' : { value: a.means.value !== true };
      return { text: `!(${a.text})`, means };
    }),
    fc.tuple(fc.constantFrom('&&', '||'), tie('truth'), tie('truth')).map(([op, a, b]): Written => {
      const text = `(${a.text}) ${op} (${b.text})`;
      if (a.means === 'fails') return { text, means: 'fails' };
      const decided = (a.means.value === true) === (op === '||');
      return { text, means: decided ? { value: op === '||' } : b.means };
    }),
  ),
})).truth;

const scope: Scope = {
  get: (name) => (name === 'o' ? { five: 5, list: [1, -2.5], 'a b': 3 } : undefined),
  step: (id) => (id === 'x y' ? { n: 9 } : undefined),
};

function evaluated(text: string): Meaning {
  const compiled = compileExpression(text);
  try {
    return { value: compiled.evaluate(scope) };
  } catch (error) {
    expect(codeOf(error)).toBe('expression.failed');
    return 'fails';
  }
}

/** Data as it comes out of a store: no negative zero. */
const json = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as Json);

/** Texts that look like the language: what a mind in a hurry, or a hostile one, writes. */
const shreds = fc
  .array(
    fc.constantFrom(
      ...[
        '{{',
        '}}',
        '{',
        '}',
        '(',
        ')',
        '[',
        ']',
        '.',
        ',',
        '?',
        ':',
        '+',
        '-',
        '*',
        '/',
        '%',
        '!',
        '=',
        '==',
        '<',
        '&&',
        '||',
      ],
      ...[
        ' ',
        '\n',
        '"',
        "'",
        '\\',
        '\\u',
        '//',
        '0',
        '1',
        '1.5',
        '1e9',
        '0x',
        'a',
        '__1',
        'x',
        'in',
        'null',
        'true',
        "'a b'",
        '"}}"',
      ],
      ...[
        'map(x, ',
        'filter(x, ',
        'has(',
        'size(',
        'step(',
        "step('a')",
        'matches("',
        '(a+)+',
        'parseJson(',
        'constructor',
        '__proto__',
        'é',
        '\u200b',
        '😀',
      ],
    ),
    { maxLength: 30 },
  )
  .map((pieces) => pieces.join(''));

const SNIPPETS = ['a', 'b.c', 'a.0', '1', '-2.5', '"text"', 'null', 'true', '[a, 1]', '{"k": b}', 'x'];
const BINARY = ['+', '-', '*', '/', '%', '==', '!=', '<', '>=', 'in', '&&', '||'];
const METHODS = [
  'size()',
  'map(x, x)',
  'filter(x, x == 1)',
  'exists(x, x)',
  'upper()',
  'split(",")',
  'join("-")',
  'keys()',
  'sort()',
  'sum()',
];
const CALLS = [
  'string',
  'number',
  'bool',
  'toJson',
  'parseJson',
  'abs',
  'type',
  'timestamp',
  'isoTime',
  'year',
  'duration',
  'min',
  'merge',
  'distinct',
  'flatten',
  'range',
  'reverse',
];
/** Texts that compile, over any kind of data. */
const sentences = fc.letrec<{ e: string }>((tie) => ({
  e: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom(...SNIPPETS),
    fc.tuple(tie('e'), fc.constantFrom(...BINARY), tie('e')).map(([a, op, b]) => `(${a} ${op} ${b})`),
    fc.tuple(tie('e'), fc.constantFrom(...METHODS)).map(([a, method]) => `(${a}).${method}`),
    fc.tuple(fc.constantFrom(...CALLS), tie('e')).map(([call, a]) => `${call}(${a})`),
    fc.tuple(tie('e'), tie('e'), tie('e')).map(([a, b, c]) => `(${a} ? ${b} : ${c})`),
    fc.tuple(tie('e'), tie('e')).map(([a, b]) => `(${a})[${b}]`),
    fc.tuple(tie('e'), tie('e'), tie('e')).map(([a, b, c]) => `(${a}).replace(string(${b}), string(${c}))`),
    tie('e').map((a) => `(${a}).map(x, [x, ${a}])`),
  ),
})).e;

describe('expressions', () => {
  it('compute what an independent model computes', () => {
    fc.assert(
      fc.property(fc.oneof(numbers, comparisons, logic), ({ text, means }) => {
        fc.pre(text.length < 4_000);
        expect(evaluated(text)).toEqual(means);
      }),
      { numRuns: 1_000 },
    );
  });

  it('read paths as the data lies', () => {
    const key = fc.oneof(fc.constantFrom('a', 'b c', 'ü', '0', 'length', 'toString', 'x.y', 'in'), fc.nat({ max: 3 }));
    const path = fc.array(key, { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(path, path, fc.jsonValue(), (there, asked, leaf) => {
        const data = there.reduceRight<Json>(
          (inner, k) => (typeof k === 'number' ? [...Array<Json>(k).fill(null), inner] : { [k]: inner }),
          leaf as Json,
        );
        const model = asked.reduce<Json>((value, k): Json => {
          if (Array.isArray(value)) return typeof k === 'number' ? ((value as Json[])[k] ?? null) : null;
          const own = typeof value === 'object' && value !== null && Object.hasOwn(value, k);
          return own ? ((value as JsonObject)[String(k)] ?? null) : null;
        }, data);
        const as = (write: (k: string | number) => string): Json =>
          compileExpression(`__s${asked.map(write).join('')}`).evaluate({ get: () => data });
        expect(as((k) => (typeof k === 'number' ? `.${k}` : `.'${k}'`))).toEqual(model);
        expect(as((k) => `[${JSON.stringify(k)}]`)).toEqual(model);
        expect(as((k) => `[${typeof k === 'number' ? `${k} + 0` : `'' + ${JSON.stringify(k)}`}]`)).toEqual(model);
      }),
    );
  });

  it('compile or are refused as invalid, whatever the text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary', maxLength: 200 }), shreds), (text) => {
        for (const compile of [compileExpression, compileTemplate, (t: string) => compileTemplate(`{{${t}}}`)]) {
          try {
            compile(text);
          } catch (error) {
            expect(codeOf(error)).toBe('expression.invalid');
            expect((error as Error).message.length).toBeLessThan(400);
          }
        }
        expect(Array.isArray(expressionFaults({ text }, ''))).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  it('give JSON or fail by name, whatever the text and the data', () => {
    fc.assert(
      fc.property(fc.oneof(sentences, shreds), json, json, (text, a, b) => {
        fc.pre(text.length < 4_000);
        let compiled;
        try {
          compiled = compileExpression(text);
        } catch (error) {
          expect(codeOf(error)).toBe('expression.invalid');
          return;
        }
        try {
          const value = compiled.evaluate({ get: (name) => (name === 'a' ? a : name === 'b' ? b : undefined) });
          expect(JSON.parse(JSON.stringify(value))).toEqual(value);
        } catch (error) {
          if (error instanceof Error && 'matcherResult' in error) throw error;
          expect(RUN_ERRORS).toContain(codeOf(error));
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('give the same at every evaluation', () => {
    fc.assert(
      fc.property(sentences, fc.jsonValue(), (text, a) => {
        fc.pre(text.length < 4_000);
        const compiled = compileExpression(text);
        const once = (): unknown => {
          try {
            return compiled.evaluate({ get: (name) => (name === 'a' ? (a as Json) : undefined) });
          } catch (error) {
            return codeOf(error);
          }
        };
        expect(once()).toEqual(once());
      }),
    );
  });
});
