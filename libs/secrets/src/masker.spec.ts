import fc from 'fast-check';
import { effortOf } from '@flow/testing/kernel';
import { MASK, Masker } from '@flow/secrets';

const SECRET = 'p@ss "wörd"/+\n';
const masker = new Masker([SECRET, 'abc']);

describe('Masker', () => {
  it.each([
    ['as it is', SECRET],
    ['JSON-escaped', JSON.stringify(SECRET).slice(1, -1)],
    ['URL-encoded', encodeURIComponent(SECRET)],
    ['form-encoded', new URLSearchParams({ a: SECRET }).toString().slice(2)],
    ['in Base64', Buffer.from(SECRET).toString('base64')],
    ['in base64url', Buffer.from(SECRET).toString('base64url')],
  ])('hides a secret %s', (_how, form) => {
    const masked = masker.text(`before ${form} after ${form}`);
    expect(masked).toMatch(/^before \*{3}\S{0,2} after \*{3}\S{0,2}$/);
  });

  it('hides a secret within a longer text that was encoded as Base64, at any offset', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', minLength: 8, maxLength: 40 }),
        fc.string({ maxLength: 7 }),
        fc.string({ maxLength: 7 }),
        (secret, before, after) => {
          const encoded = Buffer.from(before + secret + after).toString('base64');
          expect(new Masker([secret]).text(`Basic ${encoded}`)).toContain(MASK);
        },
      ),
    );
  });

  it('leaves no form of a secret in any text', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 4 }), fc.string(), fc.string(), (secret, before, after) => {
        fc.pre(!MASK.includes(secret) && !secret.includes('*'));
        expect(new Masker([secret]).text(before + secret + after)).not.toContain(secret);
      }),
    );
  });

  it('hides values, keys and numbers anywhere in JSON', () => {
    const digits = new Masker(['12345678', 'hunter22']);
    expect(digits.json({ a: ['x hunter22 y', 12345678, { hunter22: true }], b: null, c: 1 })).toEqual({
      a: [`x ${MASK} y`, MASK, { [MASK]: true }],
      b: null,
      c: 1,
    });
  });

  it('gives back the same value when it holds no secret', () => {
    const value = { a: [1, 'text', { b: null }] };
    expect(masker.json(value)).toBe(value);
    expect(new Masker([]).json(value)).toBe(value);
  });

  it('hides the longer of two secrets whole when one is a part of the other', () => {
    expect(new Masker(['token', 'token-of-acme']).text('a token-of-acme, a token')).toBe(`a ${MASK}, a ${MASK}`);
  });

  it('leaves values under 4 characters alone', () => {
    expect(masker.text('abc')).toBe('abc');
    expect(masker.json(['abc'])).toEqual(['abc']);
  });

  it('takes secrets of 64 KiB and any characters of patterns', () => {
    const long = '.*+?^${}()|[]\\'.repeat(4_700);
    expect(new Masker([long]).text(`a${long}b`)).toBe(`a${MASK}b`);
  });

  it('takes time that grows with text and secret, never with their product', async () => {
    const secret = `${'a'.repeat(30_000)}b${'a'.repeat(30_000)}`;
    const long = new Masker([secret]);
    const text = 'a'.repeat(2_000_000);
    expect(await effortOf(() => expect(long.text(text)).toBe(text))).toBeLessThan(500);
    expect(long.text(`x${secret}y${secret}`)).toBe('x***y***');
  });

  it('hides what is added later, what was hidden before too', () => {
    const growing = new Masker(['first-secret']);
    growing.add('second-secret');
    expect(growing.text('first-secret second-secret')).toBe('*** ***');
  });
});
