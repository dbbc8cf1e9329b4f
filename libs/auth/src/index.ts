export { DomainForbidden, DomainInvalid, TokenExceedsOwn, TokenInvalid, TokenNotFound } from './auth.errors';
export { PermissionMissing, demand, type Caller } from './caller';
export { Callers, bearerOf, type Credentials, type Demand, type Denied } from './callers';
export { ADMIN_PRINCIPAL, ADMIN_TOKEN_ID, LocalTokens } from './local-tokens.verifier';
export { PERMISSIONS, type Permission } from './permission';
export { DEFAULT_DOMAIN, coversDomains, isDomainName, type TokenDomains, type VerifiedToken } from './token';
export { TokenStore, type StoredToken } from './token.store';
export { TokenVerifier } from './token.verifier';
export { TOKEN_DEFAULT_MS, TOKEN_LONGEST_MS, TokensService, type NewToken, type TokenView } from './tokens.service';
