import type { Database } from '@flow/adapters/sqlite';
import { WebhookSecretStore, type StoredWebhookSecret } from '@flow/deliveries';
import type { DomainId } from '@flow/kernel';

/** Signing secrets in `documents.db` (`deliveries.schema.ts`), beside the deliveries that they sign. */
export class SqliteWebhookSecretStore extends WebhookSecretStore {
  constructor(private readonly db: Database) {
    super();
  }

  override async find(domain: DomainId): Promise<{ revision: number; secrets: readonly StoredWebhookSecret[] }> {
    const row = this.db.get('SELECT revision, secrets FROM webhook_secrets WHERE domain = ?', domain);
    if (!row) return { revision: 0, secrets: [] };
    return { revision: Number(row.revision), secrets: JSON.parse(String(row.secrets)) as StoredWebhookSecret[] };
  }

  override async replace(
    domain: DomainId,
    revision: number,
    secrets: readonly StoredWebhookSecret[],
  ): Promise<boolean> {
    const { changes } = this.db.write(
      'webhook.rotate',
      `INSERT INTO webhook_secrets (domain, revision, secrets) SELECT ?1, ?2 + 1, ?3
         WHERE ?2 = coalesce((SELECT revision FROM webhook_secrets WHERE domain = ?1), 0)
       ON CONFLICT (domain) DO UPDATE SET revision = excluded.revision, secrets = excluded.secrets`,
      domain,
      revision,
      JSON.stringify(secrets),
    );
    return changes === 1;
  }
}
