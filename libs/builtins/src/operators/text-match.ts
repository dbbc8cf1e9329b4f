import { done } from '@flow/operators';
import { closed, definePure } from '../define';

interface Parameters {
  readonly text: string;
  readonly matchtype: keyof typeof PATTERNS;
}

/** None of them can run away: no part repeats over a part that repeats. */
const PATTERNS = {
  NUMBER: /\d+/g,
  EMAIL: /[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,8}\.[A-Za-z]{2,63}/g,
  CN_ID_CARD: /(?<!\d)[1-9]\d{5}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?!\d)/g,
  CN_PHONE_NUMBER: /(?<!\d)1[3-9]\d{9}(?!\d)/g,
  CN_BANK_CARD_NUMBER: /(?<!\d)\d{16,19}(?!\d)/g,
} as const;

export const operator = definePure<Parameters>({
  id: '@internal/text/match',
  title: 'Find in a text',
  help: 'Finds numbers, mail addresses, or Chinese identity card, phone and bank card numbers in a text.',
  parameters: closed({ text: { type: 'string', maxLength: 2048 }, matchtype: { enum: Object.keys(PATTERNS) } }, [
    'text',
    'matchtype',
  ]),
  output: closed(
    {
      matched: { type: 'string', description: 'The first that was found; empty when there is none' },
      items: { type: 'array', items: { type: 'string' }, description: 'All that were found' },
    },
    ['matched', 'items'],
  ),
  example: {
    parameters: { text: 'Write to a@example.com or b@example.com', matchtype: 'EMAIL' },
    output: { matched: 'a@example.com', items: ['a@example.com', 'b@example.com'] },
  },
  run({ text, matchtype }) {
    const items = [...text.matchAll(PATTERNS[matchtype])].map(([match]) => match);
    return done({ matched: items[0] ?? '', items });
  },
});
