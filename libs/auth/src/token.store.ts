import type { Page, PageRequest, PrincipalId, TokenId } from '@flow/kernel';
import type { Permission } from './permission';
import type { TokenDomains } from './token';

/** A token as it is kept: never the token itself, only the hash of its secret. */
export interface StoredToken {
  readonly id: TokenId;
  /** Whom it speaks for. */
  readonly principal: PrincipalId;
  /** What its owner calls it. */
  readonly name: string;
  /** SHA-256 of the secret, base64url. */
  readonly hash: string;
  readonly permissions: readonly Permission[];
  readonly domains: TokenDomains;
  readonly createdBy: PrincipalId;
  readonly createdAt: Date;
  /** null never; only the admin token has that. */
  readonly expiresAt: Date | null;
  readonly lastUsedAt: Date | null;
}

/**
 * Tokens that this system made. They belong to principals, not to business domains: a domain is what a token may speak for.
 * A token that is revoked is gone, so that a revoked and an unknown one cannot be told apart.
 */
export abstract class TokenStore {
  /** Adds a token; false (and nothing changed) when its id stands already. Of many at once with one id exactly one is added. */
  abstract add(token: StoredToken): Promise<boolean>;

  abstract find(id: TokenId): Promise<StoredToken | undefined>;

  /**
   * Tokens that speak for the principal or that it made, and for no domain outside of `within`, newest first (createdAt, id);
   * keyset pages.
   */
  abstract list(principal: PrincipalId, within: TokenDomains, page: PageRequest): Promise<Page<StoredToken>>;

  /** Removes a token that speaks for the principal or that it made; false when there is none. */
  abstract remove(principal: PrincipalId, id: TokenId): Promise<boolean>;

  /** Notes a use; an earlier time than the one noted changes nothing. */
  abstract markUsed(id: TokenId, at: Date): Promise<void>;

  /** Removes at most `limit` tokens that expired before `before`; gives how many. */
  abstract purge(before: Date, limit: number): Promise<number>;
}
