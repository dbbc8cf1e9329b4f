import type { DomainId } from '@flow/kernel';
import { DomainForbidden, DomainInvalid, TokenInvalid } from './auth.errors';
import { PermissionMissing, type Caller } from './caller';
import type { Permission } from './permission';
import { DEFAULT_DOMAIN, coversDomain, isDomainName } from './token';
import { TokenVerifier } from './token.verifier';

/** What a request says about itself. */
export interface Credentials {
  /** The Authorization header as it came. */
  readonly authorization: string | undefined;
  /** The X-Business-Domain header as it came. */
  readonly domain: string | undefined;
}

/** What a route asks of those who come: a permission, or only a valid token. */
export type Demand = Permission | 'token';

const BEARER = /^Bearer +([\x21-\x7e]{1,4096})$/i;

/** Makes a Caller of a request's credentials; whoever is not let in explicitly stays out. */
export class Callers {
  constructor(private readonly verifier: TokenVerifier) {}

  /** @throws TokenInvalid, DomainInvalid, DomainForbidden, PermissionMissing, in this order */
  async admit(credentials: Credentials, asked: Demand): Promise<Caller> {
    const bearer = credentials.authorization && BEARER.exec(credentials.authorization)?.[1];
    const token = bearer ? await this.verifier.verify(bearer) : undefined;
    if (!token) throw new TokenInvalid();
    const domain = domainOf(credentials.domain);
    if (!coversDomain(token.domains, domain)) throw new DomainForbidden();
    if (asked !== 'token' && !token.permissions.has(asked)) throw new PermissionMissing(asked);
    return { principal: token.principal, tokenId: token.tokenId, domain, permissions: token.permissions };
  }
}

function domainOf(header: string | undefined): DomainId {
  if (header === undefined) return DEFAULT_DOMAIN;
  if (!isDomainName(header)) throw new DomainInvalid();
  return header as DomainId;
}
