import { findText } from '@flow/kernel';
import { done } from '@flow/operators';
import { closed, definePure } from '../define';
import { separatorOf, separatorSchema, type SeparatorParameters } from '../separator';

interface Parameters extends SeparatorParameters {
  readonly text: string;
}

/** As `split` does, but in time that grows with the text alone, whatever the separator. */
function cut(text: string, separator: string): string[] {
  const parts: string[] = [];
  let rest = 0;
  for (let at = findText(text, separator); at >= 0; at = findText(text, separator, rest)) {
    parts.push(text.slice(rest, at));
    rest = at + separator.length;
  }
  parts.push(text.slice(rest));
  return parts;
}

export const operator = definePure<Parameters>({
  id: '@internal/text/split',
  title: 'Split a text',
  help: 'Cuts a text at a separator; an empty separator cuts between all characters.',
  parameters: closed({ text: { type: 'string' }, ...separatorSchema }, ['text']),
  output: closed(
    {
      slices: { type: 'string', description: 'JSON text of an object from index to part: {"0": "a", "1": "b"}' },
      items: { type: 'array', items: { type: 'string' }, description: 'The same parts as a list' },
    },
    ['slices', 'items'],
  ),
  example: {
    parameters: { text: 'red,green', separator: ',' },
    output: { slices: '{"0":"red","1":"green"}', items: ['red', 'green'] },
  },
  run({ text, ...rest }) {
    const separator = separatorOf(rest);
    const items = separator === '' ? Array.from(text) : cut(text, separator);
    return done({ slices: JSON.stringify(Object.fromEntries(items.entries())), items });
  },
});
