import { createHash } from 'node:crypto';
import { KeyedHash } from './keyed-hash';

describe('KeyedHash', () => {
  const hash = new KeyedHash(new Uint8Array(32).fill(1));

  it('is the same for the same text and no other', () => {
    expect(hash.of('a')).toBe(hash.of('a'));
    expect(new Set(['', 'a', 'b', 'ä', 'a '].map((text) => hash.of(text))).size).toBe(5);
  });

  it('is another under another key, and is no plain hash', () => {
    expect(new KeyedHash(new Uint8Array(32).fill(2)).of('a')).not.toBe(hash.of('a'));
    expect(createHash('sha256').update('a').digest('base64url')).not.toBe(hash.of('a'));
  });
});
