import { readText } from '../../parts/code-editor/definition-text';
import { diagnosticsOf } from './definition-faults';

const text = 'title: A\nsteps:\n  - id: a\n    parameters: { url: 7 }\n';

describe('the faults of a definition', () => {
  it('stand where their pointers lead', () => {
    const found = diagnosticsOf(readText(text, 'yaml'), {
      errors: [{ pointer: '/steps/0/parameters/url', code: 'x.y', message: 'A text.' }],
      warnings: [{ pointer: '/steps/0/operator', code: 'z' }],
    });
    expect(found.map(({ from, to, severity, message }) => [text.slice(from, to), severity, message])).toEqual([
      ['7', 'error', 'A text.'],
      ['id', 'warning', 'z'],
    ]);
  });
});
