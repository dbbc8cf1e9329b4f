import { done } from '@flow/operators';
import { closed, definePure } from '../define';
import { separatorOf, separatorSchema, type SeparatorParameters } from '../separator';

interface Parameters extends SeparatorParameters {
  readonly text: string;
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
    const items = separator === '' ? Array.from(text) : text.split(separator);
    return done({ slices: JSON.stringify(Object.fromEntries(items.entries())), items });
  },
});
