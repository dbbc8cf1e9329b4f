import type { DomainId, PrincipalId } from '@flow/kernel';
import type { DomainQuota, DomainQuotas } from '@flow/quotas';

const PUBLIC = 'public' as DomainId;
const ACME = 'acme' as DomainId;

export interface OpenedQuotas {
  readonly store: DomainQuotas;
  readonly close: () => Promise<void> | void;
}

export function aDomainQuota(change: Partial<DomainQuota> = {}): DomainQuota {
  return {
    domain: PUBLIC,
    requestsPerMinute: 600,
    liveInstances: null,
    modifiedBy: 'alice' as PrincipalId,
    updatedAt: new Date('2026-01-01T00:00:00.123Z'),
    ...change,
  };
}

/** What every DomainQuotas keeps. */
export function domainQuotasContract(name: string, open: () => Promise<OpenedQuotas>): void {
  describe(`${name} as DomainQuotas`, () => {
    let store: DomainQuotas;
    let close: OpenedQuotas['close'];

    beforeEach(async () => {
      ({ store, close } = await open());
    });
    afterEach(() => close());

    it('gives back what was put, by domain: numbers, 0 and null', async () => {
      const mine = aDomainQuota({ liveInstances: 0 });
      const theirs = aDomainQuota({ domain: ACME, requestsPerMinute: null, liveInstances: 100_000_000 });
      await store.put(mine);
      await store.put(theirs);
      expect(await store.find(PUBLIC)).toEqual(mine);
      expect(await store.find(ACME)).toEqual(theirs);
      expect(await store.find('none' as DomainId)).toBeUndefined();
    });

    it('puts one in the place of the one that stands', async () => {
      await store.put(aDomainQuota());
      const next = aDomainQuota({ requestsPerMinute: 1, modifiedBy: 'bob' as PrincipalId, updatedAt: new Date(5) });
      await store.put(next);
      expect(await store.find(PUBLIC)).toEqual(next);
    });

    it('keeps one of many that are put at the same moment', async () => {
      const all = Array.from({ length: 10 }, (_, i) => aDomainQuota({ requestsPerMinute: i }));
      await Promise.all(all.map((one) => store.put(one)));
      expect(all).toContainEqual(await store.find(PUBLIC));
    });

    it('removes once, in one domain alone', async () => {
      await store.put(aDomainQuota());
      expect(await store.remove(ACME)).toBe(false);
      expect(await store.remove(PUBLIC)).toBe(true);
      expect(await store.remove(PUBLIC)).toBe(false);
      expect(await store.find(PUBLIC)).toBeUndefined();
    });
  });
}
