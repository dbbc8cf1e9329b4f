import { readText, writeText } from './definition-text';

const YAML = `title: Orders
steps:
  - id: start
    operator: "@trigger/manual"
  - id: get
    operator: "@http/request"
    parameters: { method: GIT }
`;

const JSON_TEXT = `{
  "title": "Orders",
  "steps": [{ "id": "start", "a/b": { "c": 7 } }]
}`;

const shown = (text: string, pointer: string, format: 'json' | 'yaml' = 'yaml') => {
  const { from, to } = readText(text, format).placeOf(pointer);
  return text.slice(from, to);
};

describe('the text of a definition', () => {
  it('tells where what a pointer leads to stands', () => {
    expect(shown(YAML, '/title')).toBe('Orders');
    expect(shown(YAML, '/steps/1/parameters/method')).toBe('GIT');
    expect(shown(YAML, '/steps/1')).toBe('id');
    expect(shown(JSON_TEXT, '/steps/0/a~1b/c', 'json')).toBe('7');
    expect(shown(JSON_TEXT, '/steps', 'json')).toBe('"steps"');
  });

  it('shows what is missing at what it is missing from', () => {
    expect(shown(YAML, '/steps/1/parameters/url')).toBe('parameters');
    expect(shown(YAML, '/steps/9/id')).toBe('steps');
    expect(shown(YAML, '')).toBe('t');
  });

  it('says why a text cannot be read, and where', () => {
    const { fault, value } = readText('title: [', 'yaml');
    expect(fault!.from).toBeGreaterThan(0);
    expect(value).toBeUndefined();
    expect(readText('{ title: "x" }', 'json').fault).toBeDefined();
    expect(readText('{ title: "x" }', 'yaml').fault).toBeUndefined();
  });

  it('comes back as it was written', () => {
    const value = {
      title: 'A',
      steps: [{ id: 'a', operator: '@x/y', parameters: { text: 'a\nb', n: 1.5, no: null } }],
    };
    for (const format of ['json', 'yaml'] as const)
      expect(readText(writeText(value, format), format).value).toEqual(value);
  });
});
