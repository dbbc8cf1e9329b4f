import type { DomainId, PrincipalId } from '@flow/kernel';
import type { DomainRetention, DomainRetentions } from '@flow/retention';

const PUBLIC = 'public' as DomainId;
const ACME = 'acme' as DomainId;

export interface OpenedRetentions {
  readonly store: DomainRetentions;
  readonly close: () => Promise<void> | void;
}

export function aDomainRetention(change: Partial<DomainRetention> = {}): DomainRetention {
  return {
    domain: PUBLIC,
    retention: { succeeded: 'P7D', failed: 'forever' },
    modifiedBy: 'alice' as PrincipalId,
    updatedAt: new Date('2026-01-01T00:00:00.123Z'),
    ...change,
  };
}

/** What every DomainRetentions keeps. */
export function domainRetentionsContract(name: string, open: () => Promise<OpenedRetentions>): void {
  describe(`${name} as DomainRetentions`, () => {
    let store: DomainRetentions;
    let close: OpenedRetentions['close'];

    beforeEach(async () => {
      ({ store, close } = await open());
    });
    afterEach(() => close());

    it('gives back what was put, by domain', async () => {
      const [mine, theirs] = [aDomainRetention(), aDomainRetention({ domain: ACME, retention: 'P1D' })];
      await store.put(mine);
      await store.put(theirs);
      expect(await store.find(PUBLIC)).toEqual(mine);
      expect(await store.find(ACME)).toEqual(theirs);
      expect(await store.find('none' as DomainId)).toBeUndefined();
    });

    it('puts one in the place of the one that stands', async () => {
      await store.put(aDomainRetention());
      const next = aDomainRetention({ retention: 'forever', modifiedBy: 'bob' as PrincipalId, updatedAt: new Date(5) });
      await store.put(next);
      expect(await store.find(PUBLIC)).toEqual(next);
    });

    it('keeps one of many that are put at the same moment', async () => {
      const all = Array.from({ length: 10 }, (_, i) => aDomainRetention({ retention: `P${i + 1}D` }));
      await Promise.all(all.map((one) => store.put(one)));
      expect(all).toContainEqual(await store.find(PUBLIC));
    });

    it('removes once, in one domain alone', async () => {
      await store.put(aDomainRetention());
      expect(await store.remove(ACME)).toBe(false);
      expect(await store.remove(PUBLIC)).toBe(true);
      expect(await store.remove(PUBLIC)).toBe(false);
      expect(await store.find(PUBLIC)).toBeUndefined();
    });
  });
}
