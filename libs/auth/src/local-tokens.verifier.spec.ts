import type { DomainId, TokenId } from '@flow/kernel';
import { FixedClock, SeededRandom, settle } from '@flow/testing/kernel';
import { MemoryTokenStore, aStoredToken } from '@flow/testing/auth';
import { ADMIN_TOKEN_ID, LocalTokens } from './local-tokens.verifier';
import { PERMISSIONS } from './permission';

const ACME = 'acme' as DomainId;

/** Counts what reaches the store, so that a spec can tell what the cache answered. */
class CountingStore extends MemoryTokenStore {
  finds = 0;
  uses = 0;
  override async find(id: TokenId) {
    this.finds += 1;
    return super.find(id);
  }
  override async markUsed(id: TokenId, at: Date) {
    this.uses += 1;
    return super.markUsed(id, at);
  }
}

function world(adminToken: string | null = null) {
  const clock = new FixedClock();
  const store = new CountingStore();
  const tokens = new LocalTokens(store, clock, new SeededRandom(7), { adminToken });
  const issue = async (id: string, change: Parameters<typeof aStoredToken>[0] = {}) => {
    const { text, hash } = tokens.newSecret(id as TokenId);
    const expiresAt = new Date(clock.now().getTime() + 3_600_000);
    await store.add(aStoredToken({ id: id as TokenId, hash, expiresAt, ...change }));
    return text;
  };
  return { clock, store, tokens, issue };
}

describe('LocalTokens', () => {
  it('verifies a token that it made', async () => {
    const { tokens, issue } = world();
    const text = await issue('01A', { domains: [ACME], permissions: ['dag.run'] });
    expect(text).toMatch(/^fa_01A_[A-Za-z0-9_-]{43}$/);
    expect(await tokens.verify(text)).toMatchObject({
      tokenId: '01A',
      principal: 'alice',
      domains: ['acme'],
      permissions: new Set(['dag.run']),
    });
  });

  it('keeps no token and no secret, only a hash', async () => {
    const { tokens, store, issue } = world();
    const text = await issue('01A');
    await tokens.verify(text);
    const secret = text.slice('fa_01A_'.length);
    expect(JSON.stringify(await store.find('01A' as TokenId))).not.toContain(secret);
    expect(Object.values(tokens).map(String).join()).not.toContain(secret);
  });

  it.each([
    ['another secret', (text: string) => `${text.slice(0, -1)}${text.endsWith('A') ? 'B' : 'A'}`],
    ['another id', (text: string) => text.replace('fa_01A_', 'fa_01B_')],
    ['no secret', () => 'fa_01A_'],
    ['a longer secret', (text: string) => `${text}A`],
    ['nothing', () => ''],
    ['words', () => 'let me in'],
  ])('refuses %s', async (_what, change) => {
    const { tokens, issue } = world();
    const text = await issue('01A');
    await tokens.verify(text);
    expect(await tokens.verify(change(text))).toBeUndefined();
  });

  it('refuses a token from the moment that it expires, though it was verified just before', async () => {
    const { tokens, issue, clock } = world();
    const text = await issue('01A', { expiresAt: new Date(clock.now().getTime() + 5_000) });
    expect(await tokens.verify(text)).toBeDefined();
    await clock.advance(4_999);
    expect(await tokens.verify(text)).toBeDefined();
    await clock.advance(1);
    expect(await tokens.verify(text)).toBeUndefined();
  });

  it('asks the store once in ten seconds for a busy token', async () => {
    const { tokens, issue, clock, store } = world();
    const text = await issue('01A');
    for (let i = 0; i < 100; i += 1) await tokens.verify(text);
    expect(store.finds).toBe(1);
    await clock.advance(10_000);
    await tokens.verify(text);
    expect(store.finds).toBe(2);
  });

  it('refuses a revoked token at once', async () => {
    const { tokens, issue, store } = world();
    const text = await issue('01A');
    const other = await issue('01B');
    await tokens.verify(text);
    await tokens.verify(other);
    await store.remove('alice' as never, '01A' as TokenId);
    tokens.revoked('01A' as TokenId);
    expect(await tokens.verify(text)).toBeUndefined();
    expect(await tokens.verify(other)).toBeDefined();
  });

  it('does not remember what it read before a revocation that came in between', async () => {
    const { tokens, issue, store } = world();
    const text = await issue('01A');
    const underWay = tokens.verify(text);
    await store.remove('alice' as never, '01A' as TokenId);
    tokens.revoked('01A' as TokenId);
    await underWay;
    expect(await tokens.verify(text)).toBeUndefined();
  });

  it('notes a use at most once a minute', async () => {
    const { tokens, issue, clock, store } = world();
    const text = await issue('01A');
    for (let second = 0; second < 60; second += 1) {
      await tokens.verify(text);
      await clock.advance(1_000);
    }
    expect(store.uses).toBe(1);
    await tokens.verify(text);
    await settle();
    expect(store.uses).toBe(2);
    expect((await store.find('01A' as TokenId))?.lastUsedAt).toEqual(clock.now());
  });

  it('makes one admin token on the first start, with every permission in every domain', async () => {
    const { tokens, store, clock } = world();
    const text = await tokens.ensureAdmin();
    const again = new LocalTokens(store, clock, new SeededRandom(8), { adminToken: null });
    expect(await again.ensureAdmin()).toBeUndefined();
    expect(await again.verify(text!)).toMatchObject({
      domains: '*',
      expiresAt: null,
      permissions: new Set(PERMISSIONS),
    });
  });

  it('takes the admin token from the setting, and then no generated one', async () => {
    const { tokens, store, clock } = world();
    const generated = await tokens.ensureAdmin();
    const configured = new LocalTokens(store, clock, new SeededRandom(8), { adminToken: 'a-token-from-the-settings' });
    expect(await configured.ensureAdmin()).toBeUndefined();
    expect(await configured.verify('a-token-from-the-settings')).toMatchObject({
      tokenId: ADMIN_TOKEN_ID,
      domains: '*',
    });
    expect(await configured.verify(generated!)).toBeUndefined();
    expect(await configured.verify('a-token-from-the-setting')).toBeUndefined();
  });

  it('stays bounded, however many tokens come by', async () => {
    const { tokens, issue, store } = world();
    const first = await issue('01A');
    await tokens.verify(first);
    for (let i = 0; i < 10_000; i += 1) await tokens.verify(await issue(`02${i}`));
    const before = store.finds;
    await tokens.verify(first);
    expect(store.finds).toBe(before + 1);
  });
});
