import { belowSpan, readTraceparent, traceIdOf } from './traceparent';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';
const known = `00-${TRACE}-${SPAN}-01`;

describe('traceparent', () => {
  it.each([
    ['as it is', known, known],
    ['with both flags that are known', `00-${TRACE}-${SPAN}-03`, `00-${TRACE}-${SPAN}-03`],
    ['without flags whose meaning is unknown', `00-${TRACE}-${SPAN}-fd`, known],
    ['of a later version, as this one', `cc-${TRACE}-${SPAN}-01`, known],
    ['of a later version with more fields, without them', `cc-${TRACE}-${SPAN}-01-what-the-future-brings`, known],
  ])('is read %s', (_what, header, read) => {
    expect(readTraceparent(header)).toBe(read);
  });

  it.each([
    ['', 'empty'],
    [`ff-${TRACE}-${SPAN}-01`, 'the version that is none'],
    [`00-${'0'.repeat(32)}-${SPAN}-01`, 'a trace id of zeros'],
    [`00-${TRACE}-${'0'.repeat(16)}-01`, 'a parent id of zeros'],
    [`00-${TRACE.toUpperCase()}-${SPAN}-01`, 'capital letters'],
    [`00-${TRACE.slice(1)}-${SPAN}-01`, 'a short trace id'],
    [`00-${TRACE}-${SPAN}0-01`, 'a long parent id'],
    [`00-${TRACE}-${SPAN}-1`, 'short flags'],
    [`00-${TRACE}-${SPAN}-0g`, 'flags that are not hexadecimal'],
    [`00-${TRACE}-${SPAN}-01-more`, 'version 00 with more fields'],
    [`00-${TRACE}-${SPAN}-01-`, 'version 00 with a hyphen behind it'],
    [`cc-${TRACE}-${SPAN}-01more`, 'a later version with more in its fourth field'],
    [`0-${TRACE}-${SPAN}-01`, 'a short version'],
    [` ${known}`, 'a blank before it'],
    [`${known}, ${known}`, 'two of them'],
  ])('is none: %j (%s)', (header) => {
    expect(readTraceparent(header)).toBeUndefined();
  });

  it('names its trace, and goes on below another span', () => {
    expect(traceIdOf(known)).toBe(TRACE);
    const below = belowSpan(known, Uint8Array.from([0, 1, 2, 3, 4, 5, 6, 255]));
    expect(below).toBe(`00-${TRACE}-00010203040506ff-01`);
    expect(readTraceparent(below)).toBe(below);
  });
});
