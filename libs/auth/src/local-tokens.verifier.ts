import { Clock, type PrincipalId, Random, type TokenId } from '@flow/kernel';
import { hash, timingSafeEqual } from 'node:crypto';
import { PERMISSIONS } from './permission';
import { parseToken, tokenText, type VerifiedToken } from './token';
import { TokenStore, type StoredToken } from './token.store';
import { TokenVerifier } from './token.verifier';
import { VerifiedCache } from './verified.cache';

const CACHE_MS = 10_000;
const CACHED_TOKENS = 10_000;
/** A use is written down at most this often, so that a busy token costs one write a minute. */
const USE_NOTED_EVERY_MS = 60_000;

/** The one admin token; its principal owns whatever it makes. */
export const ADMIN_TOKEN_ID = 'admin' as TokenId;
export const ADMIN_PRINCIPAL = 'admin' as PrincipalId;

const sha256 = (text: string): string => hash('sha256', text, 'base64url');

function sameHash(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

/**
 * Tokens that this system makes itself. The admin token is the setting when there is one, and then the only one: a token generated
 * earlier is not accepted beside it.
 */
export class LocalTokens extends TokenVerifier {
  private readonly cache = new VerifiedCache(CACHE_MS, CACHED_TOKENS);
  private readonly notedMs = new Map<TokenId, number>();
  private readonly configuredHash: string | null;
  private readonly configured: VerifiedToken = {
    tokenId: ADMIN_TOKEN_ID,
    principal: ADMIN_PRINCIPAL,
    permissions: new Set(PERMISSIONS),
    domains: '*',
    expiresAt: null,
  };

  constructor(
    private readonly store: TokenStore,
    private readonly clock: Clock,
    private readonly random: Random,
    options: { readonly adminToken: string | null },
  ) {
    super();
    this.configuredHash = options.adminToken === null ? null : sha256(options.adminToken);
  }

  /**
   * Makes sure that there is an admin token. Gives its text on the one start that made it (show it; only its hash is kept), undefined on
   * every other and when the setting names one. An admin token that was deleted is made anew.
   */
  async ensureAdmin(): Promise<string | undefined> {
    if (this.configuredHash !== null) return undefined;
    const { text, hash } = this.newSecret(ADMIN_TOKEN_ID);
    const added = await this.store.add({
      id: ADMIN_TOKEN_ID,
      principal: ADMIN_PRINCIPAL,
      name: 'Admin token of the first start',
      hash,
      permissions: PERMISSIONS,
      domains: '*',
      createdBy: ADMIN_PRINCIPAL,
      createdAt: this.clock.now(),
      expiresAt: null,
      lastUsedAt: null,
    });
    return added ? text : undefined;
  }

  override async verify(bearer: string): Promise<VerifiedToken | undefined> {
    const key = sha256(bearer);
    const now = this.clock.now();
    const cached = this.cache.get(key, now.getTime());
    if (cached) {
      this.noteUse(cached.tokenId, now);
      return cached;
    }
    if (this.configuredHash !== null && sameHash(key, this.configuredHash)) return this.configured;
    const { generation } = this.cache;
    const verified = await this.verifyStored(bearer, now);
    if (!verified) return undefined;
    this.cache.put(key, verified, now.getTime(), generation);
    this.noteUse(verified.tokenId, now);
    return verified;
  }

  /** What a token of ours may do; undefined when it is none (an identity provider's). */
  async about(id: TokenId): Promise<VerifiedToken | undefined> {
    if (id === ADMIN_TOKEN_ID && this.configuredHash !== null) return this.configured;
    const stored = await this.store.find(id);
    return stored && toVerified(stored);
  }

  /** A fresh secret for a token: its text to show, its hash to keep. */
  newSecret(id: TokenId): { text: string; hash: string } {
    const secret = Buffer.from(this.random.bytes(32)).toString('base64url');
    return { text: tokenText(id, secret), hash: sha256(secret) };
  }

  /** To be called once the token is gone from the store: it is refused from this moment on. */
  revoked(id: TokenId): void {
    this.cache.revoke(id);
    this.notedMs.delete(id);
  }

  private async verifyStored(bearer: string, now: Date): Promise<VerifiedToken | undefined> {
    const parsed = parseToken(bearer);
    if (!parsed) return undefined;
    if (parsed.id === ADMIN_TOKEN_ID && this.configuredHash !== null) return undefined;
    const stored = await this.store.find(parsed.id);
    if (!stored || !sameHash(sha256(parsed.secret), stored.hash)) return undefined;
    if (stored.expiresAt !== null && stored.expiresAt <= now) return undefined;
    return toVerified(stored);
  }

  private noteUse(id: TokenId, now: Date): void {
    if (id === ADMIN_TOKEN_ID && this.configuredHash !== null) return;
    const noted = this.notedMs.get(id);
    if (noted !== undefined && now.getTime() - noted < USE_NOTED_EVERY_MS) return;
    if (this.notedMs.size >= CACHED_TOKENS) this.notedMs.clear();
    this.notedMs.set(id, now.getTime());
    // A use that could not be noted is no reason to refuse the request; the next minute tries again.
    this.store.markUsed(id, now).catch(() => undefined);
  }
}

function toVerified(stored: StoredToken): VerifiedToken {
  return {
    tokenId: stored.id,
    principal: stored.principal,
    permissions: new Set(stored.permissions),
    domains: stored.domains,
    expiresAt: stored.expiresAt,
  };
}
