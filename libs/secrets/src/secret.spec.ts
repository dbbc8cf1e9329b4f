import { mayGoTo } from '@flow/secrets';
import { faultsOfHosts, faultsOfName, faultsOfValue, normalHosts } from './secret';

describe('the rules of a secret', () => {
  it.each(['a', '_', 'API_KEY', 'k1', 'x'.repeat(128)])('take the name %p', (name) => {
    expect(faultsOfName(name)).toEqual([]);
  });
  it.each(['', '1a', 'a-b', 'a.b', 'a b', 'ä', 'a\n', '__proto__.x', 'x'.repeat(129)])('refuse the name %p', (name) => {
    expect(faultsOfName(name)).toMatchObject([{ pointer: '/name', code: 'name.invalid' }]);
  });

  it('take values of 1 byte to 64 KiB, counted as UTF-8', () => {
    expect(faultsOfValue('x')).toEqual([]);
    expect(faultsOfValue('ü'.repeat(32 * 1024))).toEqual([]);
    expect(faultsOfValue(' \u0000\n')).toEqual([]);
    for (const bad of ['', 'ü'.repeat(32 * 1024) + 'x', 'a\ud800'])
      expect(faultsOfValue(bad)).toMatchObject([{ pointer: '/value', code: 'secret.value_invalid' }]);
  });

  it.each(['example.com', 'localhost', 'API.Example.com', '*.example.com', 'xn--bcher-kva.example', '10.0.0.1', '::1'])(
    'take the host %p',
    (host) => {
      expect(faultsOfHosts([host])).toEqual([]);
    },
  );
  it.each([
    ...['', '*', '*.com', '*.*.com', 'a*.com', 'https://example.com', 'example.com:443', 'example.com/path', 'a..b'],
    ...['.a', 'a.', '-a.com', 'a-.com', 'a b', '1.2.3', '0x7f.1', '10.0.0.256', 'ä.com', `${'a'.repeat(64)}.com`],
  ])('refuse the host %p', (host) => {
    expect(faultsOfHosts(['ok.example', host])).toMatchObject([{ pointer: '/hosts/1', code: 'secret.host_invalid' }]);
  });
  it('take 50 hosts', () => {
    expect(faultsOfHosts(Array.from({ length: 50 }, (_, i) => `h${i}.example`))).toEqual([]);
    expect(faultsOfHosts(Array.from({ length: 51 }, (_, i) => `h${i}.example`))).toHaveLength(1);
  });

  it.each<[string, string, boolean]>([
    ['example.com', 'example.com', true],
    ['example.com', 'EXAMPLE.com.', true],
    ['example.com', 'a.example.com', false],
    ['example.com', 'example.com.evil.net', false],
    ['example.com', 'notexample.com', false],
    ['*.example.com', 'a.example.com', true],
    ['*.example.com', 'a.b.example.com', true],
    ['*.example.com', 'example.com', false],
    ['*.example.com', 'notexample.com', false],
    ['::1', '[::1]', true],
  ])('%s allows %s: %p', (allowed, host, answer) => {
    expect(mayGoTo(['other.net', allowed], host)).toBe(answer);
    expect(mayGoTo([], host)).toBe(false);
  });

  it('keep hosts in lower case, each once', () => {
    expect(normalHosts(['A.com', 'b.com', 'a.COM'])).toEqual(['a.com', 'b.com']);
  });
});
