import { demand, type Caller } from '@flow/auth';
import type { Clock, DomainId, IdGenerator, Random } from '@flow/kernel';
import type { SecretBox } from '@flow/secrets';
import { WebhookSecretChanged } from './delivery.errors';
import { SECRET_PREFIX } from './signature';
import type { StoredWebhookSecret, WebhookSecretStore } from './webhook-secret.store';

const KEY_BYTES = 32;
/** How long the old secret signs beside the new one, unless told otherwise. */
export const OVERLAP_MS = 24 * 3_600_000;
export const LONGEST_OVERLAP_MS = 30 * 24 * 3_600_000;

/** A signing secret, for who may see it. */
export interface WebhookSecret {
  readonly id: string;
  /** `whsec_` and 32 random bytes in Base64. */
  readonly value: string;
  readonly createdAt: string;
  /** Null: it is the newest, and signs until it is rotated. */
  readonly expiresAt: string | null;
}

/** What deliveries of a business domain are signed with: one secret, and for a while after a rotation the one before it too. */
export class WebhookSecrets {
  constructor(
    private readonly store: WebhookSecretStore,
    private readonly box: SecretBox,
    private readonly clock: Clock,
    private readonly random: Random,
    private readonly ids: IdGenerator,
  ) {}

  /** Those that sign now, the newest first; the first one is made when there is none. */
  async read(caller: Caller): Promise<readonly WebhookSecret[]> {
    demand(caller, 'webhook_secret.view');
    return this.live(caller.domain);
  }

  /**
   * Makes a new one; the newest until now signs for `overlapMs` more, one that was before that signs no more.
   * @throws WebhookSecretChanged
   */
  async rotate(caller: Caller, overlapMs: number): Promise<readonly WebhookSecret[]> {
    demand(caller, 'webhook_secret.manage');
    const { domain } = caller;
    const { revision, secrets } = await this.store.find(domain);
    const expiresAt = new Date(this.clock.now().getTime() + overlapMs).toISOString();
    const before = secrets.slice(0, 1).map((secret) => ({ ...secret, expiresAt }));
    if (!(await this.store.replace(domain, revision, [this.made(domain), ...before]))) throw new WebhookSecretChanged();
    return this.live(domain);
  }

  /** The values that sign for a domain now, the newest first. */
  async valuesOf(domain: DomainId): Promise<readonly string[]> {
    return (await this.live(domain)).map(({ value }) => value);
  }

  private async live(domain: DomainId): Promise<readonly WebhookSecret[]> {
    let { secrets } = await this.store.find(domain);
    // Of two that make the first one at once, one is too late and finds the other's.
    for (; secrets.length === 0; { secrets } = await this.store.find(domain))
      await this.store.replace(domain, 0, [this.made(domain)]);
    const now = this.clock.now().toISOString();
    return secrets
      .filter(({ expiresAt }) => expiresAt === null || expiresAt > now)
      .map(({ envelope, ...secret }) => ({ ...secret, value: this.box.open(envelope, placeOf(domain, secret.id)) }));
  }

  private made(domain: DomainId): StoredWebhookSecret {
    const id = this.ids.next();
    const value = SECRET_PREFIX + Buffer.from(this.random.bytes(KEY_BYTES)).toString('base64');
    const envelope = this.box.seal(value, placeOf(domain, id));
    return { id, envelope, createdAt: this.clock.now().toISOString(), expiresAt: null };
  }
}

function placeOf(domain: DomainId, id: string) {
  return { tenant: domain, type: 'webhook-secret', id, field: 'value' };
}
