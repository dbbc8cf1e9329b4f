import type { DomainId, TokenId } from '@flow/kernel';
import { FixedClock, SeededRandom } from '@flow/testing/kernel';
import { MemoryTokenStore, aStoredToken } from '@flow/testing/auth';
import { Callers } from './callers';
import { LocalTokens } from './local-tokens.verifier';

async function world() {
  const store = new MemoryTokenStore();
  const tokens = new LocalTokens(store, new FixedClock(), new SeededRandom(), { adminToken: null });
  const { text, hash } = tokens.newSecret('01A' as TokenId);
  await store.add(
    aStoredToken({
      id: '01A' as TokenId,
      hash,
      permissions: ['dag.view'],
      domains: ['public', 'acme'].map((d) => d as DomainId),
    }),
  );
  return { callers: new Callers(tokens), authorization: `Bearer ${text}` };
}

describe('Callers', () => {
  it('let in who has the permission, in the domain that is asked for', async () => {
    const { callers, authorization } = await world();
    expect(await callers.admit({ authorization, domain: 'acme' }, 'dag.view')).toEqual({
      principal: 'alice',
      tokenId: '01A',
      domain: 'acme',
      permissions: new Set(['dag.view']),
    });
  });

  it('take the domain public when none is named', async () => {
    const { callers, authorization } = await world();
    expect((await callers.admit({ authorization, domain: undefined }, 'token')).domain).toBe('public');
  });

  it.each([undefined, '', 'Bearer', 'Bearer ', 'Basic YTpi', 'Bearer x y', 'Bearer fa_01A_wrong', 'Bearer é'])(
    'refuse the Authorization %p',
    async (authorization) => {
      const { callers } = await world();
      await expect(callers.admit({ authorization, domain: undefined }, 'token')).rejects.toMatchObject({
        code: 'token.invalid',
        kind: 'unauthenticated',
      });
    },
  );

  it('take the token of a session where there is no Authorization, and only there', async () => {
    const { callers, authorization } = await world();
    const session = authorization.replace('Bearer ', '');
    const admit = (given: string | undefined) =>
      callers.admit({ authorization: given, session, domain: undefined }, 'token');
    expect(await admit(undefined)).toMatchObject({ tokenId: '01A' });
    for (const wrong of ['', 'Bearer', 'Bearer wrong', 'Basic YTpi'])
      await expect(admit(wrong)).rejects.toMatchObject({ code: 'token.invalid' });
    for (const broken of ['', 'wrong', authorization])
      await expect(
        callers.admit({ authorization: undefined, session: broken, domain: undefined }, 'token'),
      ).rejects.toMatchObject({ code: 'token.invalid' });
  });

  it('answer alike for a domain of others and one that never was', async () => {
    const { callers, authorization } = await world();
    const refusals = await Promise.all(
      ['other', 'never-was'].map((domain) =>
        callers.admit({ authorization, domain }, 'token').catch((e: unknown) => e),
      ),
    );
    expect(refusals[0]).toMatchObject({ code: 'domain.forbidden', kind: 'forbidden' });
    expect(refusals[1]).toEqual(refusals[0]);
  });

  it.each(['', '-a', 'a b', 'a/b', 'x'.repeat(65), '../a'])('refuse the domain name %p', async (domain) => {
    const { callers, authorization } = await world();
    await expect(callers.admit({ authorization, domain }, 'token')).rejects.toMatchObject({ code: 'domain.invalid' });
  });

  it('say nothing about domains to who has no token', async () => {
    const { callers } = await world();
    await expect(callers.admit({ authorization: undefined, domain: '???' }, 'token')).rejects.toMatchObject({
      code: 'token.invalid',
    });
  });

  it('refuse a permission that the token lacks', async () => {
    const { callers, authorization } = await world();
    await expect(callers.admit({ authorization, domain: undefined }, 'dag.delete')).rejects.toMatchObject({
      code: 'permission.missing',
      kind: 'forbidden',
    });
  });
});
