import { RequestInvalid, type DagId, type DomainId } from '@flow/kernel';
import { aCatalogue, aDag } from '@flow/testing/dags';
import { effortOf } from '@flow/testing/kernel';
import fc from 'fast-check';
import { contentOf, type DagDefinition } from './dag';
import { DagLimits } from './dag-limits';
import { arbitraryDefinition } from './testing/arbitrary-dag';
import { definitionOf, readDefinitions, writeDefinitions, type TransferFormat } from './transfer';
import { checkDag } from './validate';

const limits = { characters: 1024 * 1024 };
const FORMATS: readonly TransferFormat[] = ['json', 'yaml'];
const codeOf = (text: string, format: TransferFormat = 'yaml') => {
  try {
    return readDefinitions(text, format, limits).definitions;
  } catch (error) {
    if (error instanceof RequestInvalid) return error.code;
    throw error;
  }
};

describe.each(FORMATS)('a definition as %s', (format) => {
  it('comes back as it went, whatever its words', () => {
    const catalogue = aCatalogue();
    fc.assert(
      fc.property(arbitraryDefinition, (definition) => {
        const dag = aDag({
          ...contentOf(definition),
          id: 'x' as DagId,
          domain: 'acme' as DomainId,
          tags: definition.tags!,
          status: definition.status!,
        });
        const sent = definitionOf(dag);
        const { definitions, many } = readDefinitions(writeDefinitions([sent], format), format, limits);
        expect(many).toBe(false);
        expect(definitions).toEqual([JSON.parse(JSON.stringify(sent))]);
        expect(checkDag(definitions[0], { catalogue, limits: new DagLimits() }).faults).toEqual([]);
        expect(contentOf(definitions[0] as DagDefinition)).toEqual(contentOf(dag));
      }),
      { numRuns: 60 },
    );
  });

  it('comes back in company, too', () => {
    fc.assert(
      fc.property(fc.array(arbitraryDefinition, { minLength: 2, maxLength: 4 }), (sent) => {
        const { definitions, many } = readDefinitions(writeDefinitions(sent, format), format, limits);
        expect(many).toBe(true);
        expect(definitions).toEqual(JSON.parse(JSON.stringify(sent)));
      }),
      { numRuns: 15 },
    );
  });
});

describe('a text from outside', () => {
  it('is refused when a key stands twice, in JSON and in YAML', () => {
    expect(codeOf('{"title":"A","title":"B"}', 'json')).toBe('import.key_duplicate');
    expect(codeOf('a:\n  b: 1\n  c: 2\n  b: 3\n')).toBe('import.key_duplicate');
    expect(codeOf('1: a\n"1": b\n')).toBe('import.key_duplicate');
  });

  it('is refused when it is no document of its format', () => {
    expect(codeOf('title: A', 'json')).toBe('import.unreadable');
    expect(codeOf('{"a":1,}', 'json')).toBe('import.unreadable');
    expect(codeOf('a: [1, 2')).toBe('import.unreadable');
    expect(codeOf('a: *nobody')).toBe('import.unreadable');
    expect(codeOf('')).toBe('import.empty');
    expect(codeOf('? [a, b]\n: c')).toBe('import.unreadable');
  });

  it.each([
    '!!js/function "x"',
    '!custom {a: 1}',
    '!!binary aGk=',
    '!!set {a}',
    '!!timestamp 2026-01-01',
    '!<tag:x> y',
  ])('is refused when it names a type of its own: %s', (value) => {
    expect(codeOf(`a: ${value}`)).toBe('import.unreadable');
  });

  it('reads YAML 1.2 and nothing older: no yes and no, no dates, no merge keys', () => {
    expect(codeOf('a: yes\nb: 2026-01-01\nc: 0o17\n<<: {x: 1}')).toEqual([
      { a: 'yes', b: '2026-01-01', c: 15, '<<': { x: 1 } },
    ]);
  });

  it('takes anchors, and refuses those that blow a text up', () => {
    expect(codeOf('a: &x [1]\nb: *x')).toEqual([{ a: [1], b: [1] }]);
    const laughs = ['a0: &a0 [x, x, x, x, x, x, x, x, x]'];
    for (let i = 1; i < 9; i += 1)
      laughs.push(`a${i}: &a${i} [${Array.from({ length: 9 }, () => `*a${i - 1}`).join(', ')}]`);
    expect(codeOf(laughs.join('\n'))).toBe('import.too_many_aliases');
  });

  it('is refused when it is too long or nests too deep, without a crash', () => {
    expect(() => readDefinitions('x'.repeat(100), 'yaml', { characters: 99 })).toThrow('100 characters');
    const deep = [
      '['.repeat(500_000),
      `${'['.repeat(100_000)}1${']'.repeat(100_000)}`,
      `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`,
      `${'- '.repeat(300_000)}1`,
      `${'? '.repeat(300_000)}1`,
      Array.from({ length: 1_000 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'),
    ];
    for (const text of deep) expect(codeOf(text)).toBe('import.too_deep');
    expect(codeOf(deep[1]!, 'json')).toBe('import.too_deep');
    expect(codeOf(`${'['.repeat(200)}1${']'.repeat(200)}`, 'json')).toHaveLength(1);
  });

  it('costs no more than its length: a map of 30,000 keys', async () => {
    const text = Array.from({ length: 30_000 }, (_, i) => `k${i}:`).join('\n');
    // Comparing every key with every other would take minutes.
    expect(await effortOf(() => expect(codeOf(text)).toHaveLength(1))).toBeLessThan(1_500);
  });

  it('keeps the keys that name JavaScript itself as keys, for the check to refuse', () => {
    const read = codeOf('__proto__: {polluted: 1}\nsteps: []') as readonly object[];
    expect(Object.hasOwn(read[0]!, '__proto__')).toBe(true);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });
});
