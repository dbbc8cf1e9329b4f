/** A status (404), a range ("200-299") or a class ("2xx"). */
export type ExpectedStatus = number | string;

export const expectedSchema = {
  type: 'array',
  minItems: 1,
  maxItems: 50,
  default: ['200-399'],
  description: 'Statuses that are a success; any other fails the step',
  items: {
    anyOf: [
      { type: 'integer', minimum: 100, maximum: 599 },
      {
        type: 'string',
        pattern: '^([1-5]\\d\\d(-[1-5]\\d\\d)?|[1-5]xx)$',
        description: 'a status, "200-299" or "2xx"',
      },
    ],
  },
};

export function isExpected(status: number, expected: readonly ExpectedStatus[]): boolean {
  return expected.some((entry) => {
    if (typeof entry === 'number') return status === entry;
    if (entry.endsWith('xx')) return Math.floor(status / 100) === Number(entry.charAt(0));
    const [from, to = from] = entry.split('-').map(Number);
    return from !== undefined && to !== undefined && from <= status && status <= to;
  });
}

/** Whether the other side may answer differently next time: it was too slow, too early, too busy, or broken. */
export function isPassing(status: number): boolean {
  return status === 408 || status === 425 || status === 429 || status >= 500;
}

const LONGEST_MS = 86_400_000;
const HTTP_DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/** Milliseconds that a Retry-After header asks to wait (seconds, or a date), a day at most; undefined when it says neither. */
export function retryAfterMs(header: string | undefined, now: Date): number | undefined {
  const text = header?.trim() ?? '';
  if (/^\d{1,9}$/.test(text)) return Math.min(LONGEST_MS, Number(text) * 1000);
  if (!HTTP_DATE.test(text)) return undefined;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.min(LONGEST_MS, Math.max(0, at - now.getTime()));
}
