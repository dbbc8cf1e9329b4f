import type { StoredWebhookSecret, WebhookSecretStore } from '@flow/deliveries';
import type { DomainId } from '@flow/kernel';
import type { OpenedDeliveries } from './delivery-store.contract';

const ACME = 'acme' as DomainId;
const secret = (id: string, expiresAt: string | null = null): StoredWebhookSecret => ({
  id,
  envelope: `v1.key.${id}`,
  createdAt: '2026-01-01T00:00:00.000Z',
  expiresAt,
});

/** What every WebhookSecretStore keeps. */
export function webhookSecretStoreContract(
  name: string,
  open: () => Promise<OpenedDeliveries<WebhookSecretStore>>,
): void {
  describe(`${name} as a WebhookSecretStore`, () => {
    let world: OpenedDeliveries<WebhookSecretStore>;
    beforeEach(async () => (world = await open()));
    afterEach(() => world.close());

    it('has none of a domain at first, and what was put there then, also after a restart', async () => {
      expect(await world.store.find(ACME)).toEqual({ revision: 0, secrets: [] });
      const secrets = [secret('b'), secret('a', '2026-01-02T00:00:00.000Z')];
      expect(await world.store.replace(ACME, 0, secrets)).toBe(true);
      for (const store of [world.store, await world.reopen()])
        expect(await store.find(ACME)).toEqual({ revision: 1, secrets });
      expect(await world.store.find('other' as DomainId)).toEqual({ revision: 0, secrets: [] });
    });

    it('takes one of many changes of the same state', async () => {
      const again = await world.reopen();
      const taken = await Promise.all(
        Array.from({ length: 6 }, (_, i) => (i % 2 ? again : world.store).replace(ACME, 0, [secret(`s${i}`)])),
      );
      expect(taken.filter(Boolean)).toHaveLength(1);
      const { revision, secrets } = await world.store.find(ACME);
      expect([revision, secrets.length]).toEqual([1, 1]);
      expect(await world.store.replace(ACME, 1, [secret('next'), ...secrets])).toBe(true);
      expect(await world.store.replace(ACME, 1, [])).toBe(false);
      expect((await again.find(ACME)).secrets.map(({ id }) => id)).toEqual(['next', secrets[0]?.id]);
    });
  });
}
