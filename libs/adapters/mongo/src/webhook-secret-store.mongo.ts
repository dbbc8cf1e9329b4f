import { WebhookSecretStore, type StoredWebhookSecret } from '@flow/deliveries';
import type { DomainId } from '@flow/kernel';
import { isDuplicate, type Mongo } from './mongo';

/** Signing secrets: those of a domain are one document, replaced by its revision. */
export class MongoWebhookSecretStore extends WebhookSecretStore {
  constructor(private readonly mongo: Mongo) {
    super();
  }

  override async find(domain: DomainId): Promise<{ revision: number; secrets: readonly StoredWebhookSecret[] }> {
    const row = await this.mongo.read(() => this.all.findOne({ _id: domain }));
    return row
      ? { revision: row.revision, secrets: JSON.parse(row.secrets) as StoredWebhookSecret[] }
      : { revision: 0, secrets: [] };
  }

  override async replace(
    domain: DomainId,
    revision: number,
    secrets: readonly StoredWebhookSecret[],
  ): Promise<boolean> {
    const next = { revision: revision + 1, secrets: JSON.stringify(secrets) };
    return this.mongo.write('webhook.rotate', async () => {
      if (revision > 0) return (await this.all.updateOne({ _id: domain, revision }, { $set: next })).matchedCount === 1;
      try {
        await this.all.insertOne({ _id: domain, ...next });
        return true;
      } catch (error) {
        if (isDuplicate(error)) return false;
        throw error;
      }
    });
  }

  private get all() {
    return this.mongo.collection('webhook_secrets');
  }
}
