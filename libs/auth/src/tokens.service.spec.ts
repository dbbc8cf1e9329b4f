import { IdGenerator, type DomainId, type PrincipalId, type TokenId } from '@flow/kernel';
import { FixedClock, SeededRandom } from '@flow/testing/kernel';
import { MemoryTokenStore } from '@flow/testing/auth';
import type { Caller } from './caller';
import { Callers } from './callers';
import { LocalTokens } from './local-tokens.verifier';
import { TOKEN_DEFAULT_MS, TOKEN_LONGEST_MS, TokensService, type NewToken } from './tokens.service';

const domain = (name: string): DomainId => name as DomainId;

async function world() {
  const clock = new FixedClock();
  const random = new SeededRandom(3);
  const store = new MemoryTokenStore();
  const tokens = new LocalTokens(store, clock, random, { adminToken: null });
  const service = new TokensService(store, tokens, clock, new IdGenerator(clock, random));
  const callers = new Callers(tokens);
  const as = async (secret: string, inDomain?: string): Promise<Caller> =>
    callers.admit({ authorization: `Bearer ${secret}`, domain: inDomain }, 'token');
  const admin = await as((await tokens.ensureAdmin())!);
  /** A caller whose token has just these rights. */
  const someone = async (wanted: Partial<NewToken> = {}) => {
    const made = await service.create(admin, { name: 'someone', permissions: ['token.manage', 'dag.view'], ...wanted });
    return as(made.secret, made.token.domains === '*' ? undefined : made.token.domains[0]);
  };
  return { clock, store, tokens, service, as, admin, someone };
}

describe('TokensService', () => {
  it('makes a token that works, and shows its secret this once', async () => {
    const { service, admin, as, clock } = await world();
    const { token, secret } = await service.create(admin, { name: 'CI', permissions: ['dag.view'] });
    expect(token).toMatchObject({ name: 'CI', domains: ['public'], principal: 'admin', createdBy: 'admin' });
    expect(token.expiresAt).toEqual(new Date(clock.now().getTime() + TOKEN_DEFAULT_MS));
    expect((await as(secret)).permissions).toEqual(new Set(['dag.view']));
    const seen = JSON.stringify([token, await service.list(admin, { limit: 50 })]);
    expect(seen).not.toContain(secret.slice(-43));
    expect(seen).not.toContain('hash');
  });

  it.each<[string, Partial<NewToken>]>([
    ['permissions', { permissions: ['dag.view', 'dag.delete'] }],
    ['domains', { domains: [domain('public'), domain('acme')] }],
    ['all domains', { domains: '*' }],
    ['time than its maker has', { lifetimeMs: 11 * 60_000 }],
    ['time than a year', { lifetimeMs: TOKEN_LONGEST_MS + 1 }],
  ])('gives no token more %s', async (_what, more) => {
    const { service, someone } = await world();
    const caller = await someone({ lifetimeMs: 10 * 60_000 });
    const asked = service.create(caller, { name: 'more', permissions: ['dag.view'], ...more });
    await expect(asked).rejects.toMatchObject({ code: 'token.exceeds_own', kind: 'forbidden' });
  });

  it('ends a token with the one that made it, unless it ends earlier', async () => {
    const { service, someone, clock } = await world();
    const caller = await someone({ lifetimeMs: 60_000 });
    const { token } = await service.create(caller, { name: 'child', permissions: [] });
    expect(token.expiresAt).toEqual(new Date(clock.now().getTime() + 60_000));
  });

  it('lets only the platform admin make tokens for others', async () => {
    const { service, admin, someone, as } = await world();
    const bob = 'bob' as PrincipalId;
    const { secret } = await service.create(admin, { name: 'bob', permissions: ['dag.view'], principal: bob });
    expect((await as(secret)).principal).toBe('bob');
    const asked = service.create(await someone(), { name: 'bob', permissions: ['dag.view'], principal: bob });
    await expect(asked).rejects.toMatchObject({ code: 'permission.missing' });
  });

  it('refuses a deleted token at once, and whoever deletes it twice', async () => {
    const { service, admin, as } = await world();
    const { token, secret } = await service.create(admin, { name: 'CI', permissions: ['dag.view'] });
    await as(secret);
    await service.delete(admin, token.id);
    await expect(as(secret)).rejects.toMatchObject({ code: 'token.invalid' });
    await expect(service.delete(admin, token.id)).rejects.toMatchObject({ code: 'token.not_found' });
  });

  it("neither shows nor deletes another's tokens", async () => {
    const { service, admin, someone } = await world();
    const { token } = await service.create(admin, { name: 'CI', permissions: [] });
    const bob = await someone({ principal: 'bob' as PrincipalId });
    expect((await service.list(bob, { limit: 50 })).items.map(({ name }) => name)).toEqual(['someone']);
    await expect(service.delete(bob, token.id)).rejects.toMatchObject({ code: 'token.not_found' });
    await expect(service.delete(bob, '../etc' as TokenId)).rejects.toMatchObject({ code: 'token.not_found' });
  });

  it('neither shows, counts nor deletes what speaks for a domain that the own token does not speak for', async () => {
    const { service, someone, admin } = await world();
    const acme = await someone({ name: 'for acme', domains: [domain('acme')] });
    const other = await someone({ name: 'for other', domains: [domain('other')] });
    expect(acme.principal).toBe(other.principal);
    const shown = await service.list(acme, { limit: 50, count: true });
    expect(shown.items.map(({ name }) => name)).toEqual(['for acme']);
    expect(shown.total).toBe(1);
    for (const id of [other.tokenId, admin.tokenId])
      await expect(service.delete(acme, id)).rejects.toMatchObject({ code: 'token.not_found' });
    expect((await service.list(admin, { limit: 50 })).items).toHaveLength(3);
    await service.delete(admin, other.tokenId);
  });

  it('lets a token that was revoked while its request was under way make, list and delete nothing', async () => {
    const { service, someone, admin } = await world();
    const caller = await someone();
    await service.delete(admin, caller.tokenId);
    for (const asked of [
      service.create(caller, { name: 'afterlife', permissions: ['token.manage'] }),
      service.list(caller, { limit: 1 }),
      service.delete(caller, caller.tokenId),
      service.me(caller),
    ])
      await expect(asked).rejects.toMatchObject({ code: 'token.invalid' });
  });

  it('asks for token.manage', async () => {
    const { service, someone } = await world();
    const caller = await someone({ permissions: ['dag.view'] });
    for (const attempt of [
      service.create(caller, { name: 'x', permissions: [] }),
      service.list(caller, { limit: 1 }),
      service.delete(caller, 'x' as TokenId),
    ])
      await expect(attempt).rejects.toMatchObject({ code: 'permission.missing' });
  });

  it('tells who one is, without asking for a permission', async () => {
    const { service, someone } = await world();
    const me = await service.me(await someone({ permissions: [], domains: [domain('acme')] }));
    expect(me).toMatchObject({ principal: 'admin', domains: ['acme'], permissions: new Set() });
  });

  it('lets a deleted admin token be made anew by the next start', async () => {
    const { service, admin, tokens, as } = await world();
    expect(await tokens.ensureAdmin()).toBeUndefined();
    await service.delete(admin, admin.tokenId);
    const fresh = await tokens.ensureAdmin();
    expect((await as(fresh!)).principal).toBe('admin');
  });
});
