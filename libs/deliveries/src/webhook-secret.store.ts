import type { DomainId } from '@flow/kernel';

/** A signing secret as it is kept: its value sealed by SecretBox. */
export interface StoredWebhookSecret {
  readonly id: string;
  readonly envelope: string;
  /** RFC 3339. */
  readonly createdAt: string;
  /** RFC 3339; until then it signs beside the newest one. Null: it is the newest. */
  readonly expiresAt: string | null;
}

/** The signing secrets of business domains, each domain's together. */
export abstract class WebhookSecretStore {
  /** Newest first; none, at revision 0, when the domain has none yet. */
  abstract find(
    domain: DomainId,
  ): Promise<{ readonly revision: number; readonly secrets: readonly StoredWebhookSecret[] }>;
  /** Puts these in the place of what stood at this revision; false, and nothing changed, when it is another one by now. */
  abstract replace(domain: DomainId, revision: number, secrets: readonly StoredWebhookSecret[]): Promise<boolean>;
}
