import fc from 'fast-check';
import { SecretBox, SecretDamaged, SecretKeyMissing, SecretKeysInvalid, parseKeys } from '@flow/secrets';
import { SeededRandom } from '@flow/testing/kernel';

const key = (n: number) => new Uint8Array(32).fill(n);
const box = new SecretBox([key(1)], new SeededRandom());
const place = { tenant: 'acme', type: 'secret', id: '1', field: 'value' };

describe('SecretBox', () => {
  it('opens what it sealed, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(box.open(box.seal(text, place), place)).toBe(text);
      }),
    );
  });

  it('never gives the same envelope twice', () => {
    const envelopes = Array.from({ length: 100 }, () => box.seal('same', place));
    expect(new Set(envelopes).size).toBe(100);
  });

  it.each([
    ['tenant', { tenant: 'other' }],
    ['type', { type: 'connection' }],
    ['id', { id: '2' }],
    ['field', { field: 'hosts' }],
    ['border between two parts', { tenant: 'acme|secret', type: '' }],
  ])('does not open in another place: another %s', (_what, change) => {
    expect(() => box.open(box.seal('value', place), { ...place, ...change })).toThrow(SecretDamaged);
  });

  it('does not open when one character of the envelope was changed', () => {
    const envelope = box.seal('a value', place);
    for (let at = 0; at < envelope.length; at += 1) {
      // The last character of a base64url part may carry bits that no byte uses.
      if (envelope[at + 1] === '.' || at === envelope.length - 1) continue;
      const changed = envelope.slice(0, at) + (envelope[at] === 'A' ? 'B' : 'A') + envelope.slice(at + 1);
      expect(() => box.open(changed, place)).toThrow();
    }
  });

  it.each(['', 'v1', 'v1.a.b', 'v2.a.b.c', 'plain text', 'v1.a.b.c.d'])('refuses what is no envelope: %p', (text) => {
    expect(() => box.open(text, place)).toThrow(SecretDamaged);
  });

  it('refuses an envelope that was cut', () => {
    const envelope = box.seal('a value', place);
    for (const left of [10, 22, 30, 45, envelope.length - 4])
      expect(() => box.open(envelope.slice(0, left), place)).toThrow(SecretDamaged);
  });

  it('reads what older keys sealed and seals with the newest', () => {
    const old = box.seal('value', place);
    const rotated = new SecretBox([key(2), key(1)], new SeededRandom());
    expect(rotated.open(old, place)).toBe('value');
    expect(rotated.isOutdated(old)).toBe(true);
    const anew = rotated.seal('value', place);
    expect(rotated.isOutdated(anew)).toBe(false);
    expect(() => box.open(anew, place)).toThrow(SecretKeyMissing);
    expect(rotated.keyIds).toHaveLength(2);
  });

  it('names the missing key, which is not the key', () => {
    const other = new SecretBox([key(9)], new SeededRandom());
    const [keyId] = box.keyIds;
    expect(() => other.open(box.seal('x', place), place)).toThrow(keyId);
    expect(Buffer.from(key(1)).toString('hex')).not.toContain(keyId);
  });

  it('gives keys for other purposes: the same from the same newest key, and none of them its own', () => {
    const keyFor = (purpose: string, ...keys: Uint8Array[]) =>
      Buffer.from(new SecretBox(keys, new SeededRandom()).keyFor(purpose)).toString('hex');
    expect(keyFor('a', key(1), key(2))).toBe(keyFor('a', key(1)));
    const all = [keyFor('a', key(1)), keyFor('b', key(1)), keyFor('a', key(2)), Buffer.from(key(1)).toString('hex')];
    expect(new Set(all).size).toBe(4);
    expect(all[0]).toHaveLength(64);
  });

  it('needs a key of 32 bytes', () => {
    expect(() => new SecretBox([], new SeededRandom())).toThrow(SecretKeysInvalid);
    expect(() => new SecretBox([new Uint8Array(16)], new SeededRandom())).toThrow(SecretKeysInvalid);
  });
});

describe('parseKeys', () => {
  const base64 = Buffer.from(key(250)).toString('base64');

  it('reads Base64, base64url and hexadecimal, by lines and commas, newest first', () => {
    const hex = Buffer.from(key(2)).toString('hex');
    const url = Buffer.from(key(3)).toString('base64url');
    expect(
      parseKeys(`# newest, then older, first\n${base64}\n\n ${hex} , ${url}\r\n`, 'here').map((one) => one[0]),
    ).toEqual([250, 2, 3]);
  });

  it.each(['', '# nothing', 'short', `${base64}x`, `${base64}\nshort`, 'correct horse battery staple'])(
    'refuses what is no key, and does not repeat it: %p',
    (text) => {
      const parse = () => parseKeys(text, 'SECRETS_KEY');
      expect(parse).toThrow(SecretKeysInvalid);
      expect(parse).toThrow(/^SECRETS_KEY holds/);
      expect(parse).not.toThrow(/short|horse/);
    },
  );
});
