import type { DomainId, PrincipalId, TokenId } from '@flow/kernel';
import type { Permission } from './permission';

/** The business domains that a token may speak for; '*' is all, those to come included. */
export type TokenDomains = readonly DomainId[] | '*';

/** What a bearer token stands for, whoever issued it. */
export interface VerifiedToken {
  readonly tokenId: TokenId;
  readonly principal: PrincipalId;
  readonly permissions: ReadonlySet<Permission>;
  readonly domains: TokenDomains;
  /** null never. */
  readonly expiresAt: Date | null;
}

/** The business domain of a request that names none. */
export const DEFAULT_DOMAIN = 'public' as DomainId;

const DOMAIN = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/;

export function isDomainName(text: string): boolean {
  return DOMAIN.test(text);
}

export function coversDomain(domains: TokenDomains, domain: DomainId): boolean {
  return domains === '*' || domains.includes(domain);
}

/** Whether everything in `inner` is in `outer` too. */
export function coversDomains(outer: TokenDomains, inner: TokenDomains): boolean {
  if (outer === '*') return true;
  return inner !== '*' && inner.every((domain) => outer.includes(domain));
}

const TOKEN = /^fa_([A-Za-z0-9]{1,64})_([A-Za-z0-9_-]{43})$/;

/** `fa_<id>_<secret>`: the id finds the record, the secret (256 bits, base64url) proves it. The prefix lets scanners find leaked ones. */
export function tokenText(id: TokenId, secret: string): string {
  return `fa_${id}_${secret}`;
}

export function parseToken(text: string): { id: TokenId; secret: string } | undefined {
  const match = TOKEN.exec(text);
  return match?.[1] && match[2] ? { id: match[1] as TokenId, secret: match[2] } : undefined;
}
