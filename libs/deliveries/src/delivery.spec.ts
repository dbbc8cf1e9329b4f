import type { DomainId } from '@flow/kernel';
import { domainOfLane, laneOf, shownUrl } from './delivery';

describe('An address', () => {
  it.each([
    ['https://hooks.example.com/a/b?token=x&y', 'https://hooks.example.com/a/b?***'],
    ['https://hooks.example.com:8443/', 'https://hooks.example.com:8443/'],
    ['http://[::1]:80/x?', 'http://[::1]/x'],
  ])('%s is shown as %s', (url, shown) => {
    expect(shownUrl(url)).toBe(shown);
  });
});

describe('A lane', () => {
  it('is a host and a business domain', () => {
    const lane = (domain: string, url: string) => laneOf({ domain: domain as DomainId, url });
    expect(lane('a', 'https://x.example/1')).toBe(lane('a', 'https://x.example/2?3'));
    expect(
      new Set([lane('a', 'https://x.example/'), lane('b', 'https://x.example/'), lane('a', 'http://x.example:81/')])
        .size,
    ).toBe(3);
    expect(domainOfLane(lane('a b', 'https://x.example/'))).toBe('a b');
  });
});
