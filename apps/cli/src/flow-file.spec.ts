import { pointerTo } from '@flow/kernel';
import fc from 'fast-check';
import { FlowFile, FlowFileUnreadable } from './flow-file';

function faultsOf(name: string, text: string) {
  try {
    FlowFile.read(name, text);
  } catch (error) {
    if (error instanceof FlowFileUnreadable) return error.faults;
    throw error;
  }
  throw new Error('It was read.');
}

describe('A file of definitions', () => {
  it('knows the place of what a pointer names', () => {
    const file = FlowFile.read(
      'a.yaml',
      'title: x\nsteps:\n  - id: a\n    parameters:\n      "a/b": 1\n  - { id: b }\n',
    );
    expect(file.placeOf('/title')).toEqual({ line: 1, column: 1 });
    expect(file.placeOf('/steps/0/parameters/a~1b')).toEqual({ line: 5, column: 7 });
    expect(file.placeOf('/steps/1')).toEqual({ line: 6, column: 5 });
    expect(file.placeOf('/steps/1/id')).toEqual({ line: 6, column: 7 });
  });

  it('knows the place of what should hold a thing that is missing', () => {
    const file = FlowFile.read('a.yaml', 'title: x\nsteps:\n  - id: a\n');
    expect(file.placeOf('/steps/0/operator')).toEqual({ line: 3, column: 5 });
    expect(file.placeOf('/outputs/x')).toEqual({ line: 1, column: 1 });
    expect(file.placeOf('/steps/7')).toEqual({ line: 2, column: 1 });
  });

  it('follows aliases to what they stand for', () => {
    const file = FlowFile.read('a.yaml', 'base: &b\n  x: 1\nother: *b\n');
    expect(file.placeOf('/other/x')).toEqual({ line: 2, column: 3 });
  });

  it('counts definitions in lists and documents, and puts their number before pointers', () => {
    const documents = FlowFile.read('a.yaml', 'title: a\n---\ntitle: b\n');
    expect(documents).toMatchObject({ many: true, definitions: [{ title: 'a' }, { title: 'b' }] });
    expect(documents.placeOf(documents.pointerIn(1, '/title'))).toEqual({ line: 3, column: 1 });
    const list = FlowFile.read('a.json', '[{"title": "a"},\n {"title": "b"}]');
    expect(list.placeOf(list.pointerIn(1, '/title'))).toEqual({ line: 2, column: 3 });
    const one = FlowFile.read('a.json', '{"title": "a"}');
    expect([one.many, one.pointerIn(0, '/title')]).toEqual([false, '/title']);
  });

  it('knows the place of every value of any JSON', () => {
    const key = fc.string({ minLength: 1, maxLength: 5 }).filter((text) => text !== '__proto__');
    fc.assert(
      fc.property(fc.dictionary(key, fc.dictionary(key, fc.jsonValue({ maxDepth: 1 }))), (value) => {
        const text = JSON.stringify(value, null, 2);
        const lines = text.split('\n');
        const file = FlowFile.read('a.json', text);
        for (const [outer, inner] of Object.entries(value))
          for (const name of Object.keys(inner)) {
            const place = file.placeOf(pointerTo(pointerTo('', outer), name));
            expect(lines[(place?.line ?? 0) - 1]?.slice((place?.column ?? 0) - 1)).toMatch(JSON.stringify(name));
          }
      }),
      { numRuns: 50 },
    );
  });

  it.each([
    ['a comma too many', '{"a": 1,}', 1, 9],
    ['a line that is not ended', '{\n "a": "x\ny"}', 2, 9],
    ['an end too early', '{"a": [1,\n2', 2, 2],
    ['something behind the end', '{}\n}', 2, 1],
    ['a word', '{"a": nul}', 1, 10],
  ])('that is no JSON for %s says from where on', (_what, text, line, column) => {
    expect(faultsOf('a.json', text)).toMatchObject([{ code: 'file.unreadable', at: { line, column } }]);
  });

  it.each([
    ['an open list', 'title: x\nsteps: [\n'],
    ['a key that stands twice', 'title: x\ntitle: y\n'],
    ['nothing', ''],
    ['an unknown alias', 'a: *b\n'],
    ['aliases that multiply', `a: &a [${'x,'.repeat(20)}]\nb: &b [${'*a,'.repeat(20)}]\nc: [${'*b,'.repeat(20)}]\n`],
    ['more levels than can be read', '['.repeat(20_000)],
  ])('with %s is refused', (_what, text) => {
    expect(faultsOf('a.yaml', text).length).toBeGreaterThan(0);
  });
});
