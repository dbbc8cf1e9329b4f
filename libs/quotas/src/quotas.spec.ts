import { PERMISSIONS, type Caller } from '@flow/auth';
import { MemoryRateMeter, type DomainId, type PrincipalId, type TokenId } from '@flow/kernel';
import { FixedClock } from '@flow/testing/kernel';
import { MemoryDomainQuotas, aDomainQuota, domainQuotasContract } from '@flow/testing/quotas';
import { DomainQuotas } from './domain-quota.store';
import { quotaFaults, type DomainQuota } from './quota';
import { QuotaRules } from './quota-rules';
import { QuotasService } from './quotas.service';
import { RequestQuotas } from './request-quotas';

domainQuotasContract('MemoryDomainQuotas', () =>
  Promise.resolve({ store: new MemoryDomainQuotas(), close: () => undefined }),
);

const caller = (tokenId = 'T', domain = 'acme'): Caller => ({
  principal: 'ann' as PrincipalId,
  tokenId: tokenId as TokenId,
  domain: domain as DomainId,
  permissions: new Set(PERMISSIONS),
});

class Away extends DomainQuotas {
  isAway = false;
  constructor(private readonly quota: DomainQuota) {
    super();
  }
  override find(): Promise<DomainQuota | undefined> {
    return this.isAway ? Promise.reject(new Error('away')) : Promise.resolve(this.quota);
  }
  override put(): Promise<void> {
    return Promise.resolve();
  }
  override remove(): Promise<boolean> {
    return Promise.resolve(false);
  }
}

function world(settings: { token?: number; domain?: number; store?: DomainQuotas } = {}) {
  const { token = 0, domain = 0, store = new MemoryDomainQuotas() } = settings;
  const clock = new FixedClock();
  const faults: unknown[] = [];
  const rules = new QuotaRules(store, { requestsPerMinute: domain, liveInstances: 7 }, clock, (error) =>
    faults.push(error),
  );
  return {
    clock,
    faults,
    rules,
    requests: new RequestQuotas(rules, token, new MemoryRateMeter(clock)),
    service: new QuotasService(store, rules, clock),
  };
}

describe('requests', () => {
  it('are charged to their token: a minute of them at once, then as they flow in', async () => {
    const { requests, clock } = world({ token: 2 });
    expect(await requests.charge(caller())).toEqual({ limit: 2, windowMs: 60_000, remaining: 1, resetMs: 30_000 });
    expect(await requests.charge(caller())).toMatchObject({ remaining: 0, resetMs: 60_000 });
    const third = await requests.charge(caller());
    expect(third).toMatchObject({ remaining: 0, refusal: { kind: 'limited', code: 'quota.exceeded' } });
    expect(third?.refusal?.retryAfterMs).toBe(30_000);
    expect((await requests.charge(caller('other')))?.refusal).toBeUndefined();
    await clock.advance(30_000);
    expect((await requests.charge(caller()))?.refusal).toBeUndefined();
  });

  it('are charged to their domain too, and to neither when one refuses', async () => {
    const { requests } = world({ token: 10, domain: 3 });
    for (const token of ['a', 'b', 'c']) expect((await requests.charge(caller(token)))?.refusal).toBeUndefined();
    for (let i = 0; i < 5; i += 1)
      expect((await requests.charge(caller('d')))?.refusal?.message).toContain('3 requests of this business domain');
    expect(await requests.charge(caller('d', 'zoe'))).toMatchObject({ limit: 3, remaining: 2 });
    for (let i = 0; i < 2; i += 1) await requests.charge(caller('d', 'zoe'));
    for (let i = 0; i < 3; i += 1) expect((await requests.charge(caller('d', 'third')))?.refusal).toBeUndefined();
    expect((await requests.charge(caller('d', 'fourth')))?.limit).toBe(3);
  });

  it('are let through without a word where there is no quota', async () => {
    const { requests } = world();
    for (let i = 0; i < 100; i += 1) expect(await requests.charge(caller())).toBeUndefined();
  });
});

describe('the quota of a domain', () => {
  it('is its own where it has one, and that of the settings for the rest', async () => {
    const { service, rules, requests } = world({ domain: 5 });
    expect(await rules.of(caller().domain)).toEqual({ requestsPerMinute: 5, liveInstances: 7 });
    const view = await service.put(caller(), { requestsPerMinute: 1 });
    expect(view.own).toMatchObject({ domain: 'acme', requestsPerMinute: 1, liveInstances: null, modifiedBy: 'ann' });
    expect(await rules.of(caller().domain)).toEqual({ requestsPerMinute: 1, liveInstances: 7 });
    await requests.charge(caller());
    expect((await requests.charge(caller()))?.refusal).toBeDefined();
    await service.put(caller(), { requestsPerMinute: 0, liveInstances: 0 });
    expect(await requests.charge(caller())).toBeUndefined();
    await service.reset(caller());
    expect(await service.get(caller())).toEqual({ own: null, fallback: { requestsPerMinute: 5, liveInstances: 7 } });
  });

  it('keeps nobody out when it cannot be read', async () => {
    const store = new Away(aDomainQuota({ requestsPerMinute: 2 }));
    const { rules, clock, faults } = world({ store });
    expect(await rules.of('acme' as DomainId)).toMatchObject({ requestsPerMinute: 2 });
    store.isAway = true;
    await clock.advance(6_000);
    expect(await rules.of('acme' as DomainId)).toMatchObject({ requestsPerMinute: 2 });
    expect(await rules.of('zoe' as DomainId)).toMatchObject({ requestsPerMinute: 0 });
    expect(faults).toHaveLength(2);
  });

  it('is asked of the store once in a while, not with every request', async () => {
    const store = new Away(aDomainQuota());
    const { rules, clock, faults } = world({ store });
    await rules.of('acme' as DomainId);
    store.isAway = true;
    for (let i = 0; i < 10; i += 1) expect(rules.of('acme' as DomainId)).not.toBeInstanceOf(Promise);
    await clock.advance(5_000);
    expect(rules.of('acme' as DomainId)).toBeInstanceOf(Promise);
    await clock.advance(0);
    expect(faults).toHaveLength(1);
  });

  it('is for administrators alone', async () => {
    const { service } = world();
    const bob = { ...caller(), permissions: new Set(['dag.view'] as const) };
    for (const ask of [() => service.get(bob), () => service.put(bob, {}), () => service.reset(bob)])
      await expect(ask()).rejects.toMatchObject({ code: 'permission.missing' });
  });

  it.each([
    [{}, []],
    [{ requestsPerMinute: null, liveInstances: 0 }, []],
    [{ requestsPerMinute: -1, liveInstances: 1.5 }, ['/requestsPerMinute', '/liveInstances']],
    [{ requestsPerMinute: '1', liveInstances: 1e9 }, ['/requestsPerMinute', '/liveInstances']],
  ])('sent as %j has faults at %j', (sent, pointers) => {
    expect(quotaFaults(sent).map(({ pointer }) => pointer)).toEqual(pointers);
  });
});
