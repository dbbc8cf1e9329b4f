import { isJsonObject, type Json } from '@flow/kernel';
import { done } from '@flow/operators';
import { closed, definePure } from '../define';
import { parseJson, textOf } from '../json-text';
import { separatorOf, separatorSchema, type SeparatorParameters } from '../separator';

interface Parameters extends SeparatorParameters {
  readonly texts: Json;
}

/** A list as it is; the values of an object; what a JSON text of either holds; anything else is one text. */
function partsOf(texts: Json): readonly Json[] {
  const parsed = typeof texts === 'string' ? parseJson(texts) : { value: texts };
  const value = 'value' in parsed && typeof parsed.value === 'object' ? parsed.value : texts;
  if (Array.isArray(value)) return value as readonly Json[];
  return isJsonObject(value) ? Object.values(value) : [value];
}

export const operator = definePure<Parameters>({
  id: '@internal/text/join',
  title: 'Join texts',
  help: 'Joins texts with a separator between them.',
  parameters: closed(
    {
      texts: {
        type: ['array', 'object', 'string', 'null'],
        description: 'A list; or an object or its JSON text, as split gives it in "slices"',
      },
      ...separatorSchema,
    },
    ['texts'],
  ),
  output: closed({ text: { type: 'string' } }, ['text']),
  example: { parameters: { texts: ['red', 'green'], separator: ';' }, output: { text: 'red;green' } },
  run: ({ texts, ...rest }) => done({ text: partsOf(texts).map(textOf).join(separatorOf(rest)) }),
});
