import type { DomainId, PrincipalId, TokenId } from '@flow/kernel';
import { DomainForbidden, DomainInvalid, TokenInvalid } from './auth.errors';
import { PermissionMissing, type Caller } from './caller';
import type { Permission } from './permission';
import { DEFAULT_DOMAIN, coversDomain, isDomainName } from './token';
import { TokenVerifier } from './token.verifier';

/** What a request says about itself. */
export interface Credentials {
  /** The Authorization header as it came. */
  readonly authorization: string | undefined;
  /** The token that a browser keeps for the console; it counts only where there is no Authorization header. */
  readonly session?: string | undefined;
  /** The X-Business-Domain header as it came. */
  readonly domain: string | undefined;
}

/** What a route asks of those who come: a permission, or only a valid token. */
export type Demand = Permission | 'token';

/** Whose valid token it was that does not do, and the business domain that it is to be told to: one that the token speaks for. */
export interface Denied {
  readonly principal: PrincipalId;
  readonly tokenId: TokenId;
  readonly domain: DomainId;
}

const BEARER = /^Bearer +([\x21-\x7e]{1,4096})$/i;

/** The token that a request brings: the header's alone when there is one, good or bad. */
export function bearerOf({ authorization, session }: Omit<Credentials, 'domain'>): string | undefined {
  return authorization === undefined ? session : BEARER.exec(authorization)?.[1];
}

/** Makes a Caller of a request's credentials; whoever is not let in explicitly stays out. */
export class Callers {
  constructor(private readonly verifier: TokenVerifier) {}

  /**
   * `onDenied` is told who it is that has a valid token and stays out for what it may not.
   * @throws TokenInvalid, DomainInvalid, DomainForbidden, PermissionMissing, in this order
   */
  async admit(credentials: Credentials, asked: Demand, onDenied?: (who: Denied) => void): Promise<Caller> {
    const bearer = bearerOf(credentials);
    const token = bearer ? await this.verifier.verify(bearer) : undefined;
    if (!token) throw new TokenInvalid();
    const domain = domainOf(credentials.domain);
    const { principal, tokenId, permissions } = token;
    if (!coversDomain(token.domains, domain)) {
      const own = token.domains[0] as DomainId | undefined;
      if (own !== undefined) onDenied?.({ principal, tokenId, domain: own });
      throw new DomainForbidden();
    }
    if (asked !== 'token' && !permissions.has(asked)) {
      onDenied?.({ principal, tokenId, domain });
      throw new PermissionMissing(asked);
    }
    return { principal, tokenId, domain, permissions };
  }
}

function domainOf(header: string | undefined): DomainId {
  if (header === undefined) return DEFAULT_DOMAIN;
  if (!isDomainName(header)) throw new DomainInvalid();
  return header as DomainId;
}
