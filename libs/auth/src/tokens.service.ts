import {
  Clock,
  IdGenerator,
  isId,
  type DomainId,
  type Page,
  type PageRequest,
  type PrincipalId,
  type TokenId,
} from '@flow/kernel';
import { TokenExceedsOwn, TokenInvalid, TokenNotFound } from './auth.errors';
import { demand, type Caller } from './caller';
import { ADMIN_TOKEN_ID, LocalTokens } from './local-tokens.verifier';
import type { Permission } from './permission';
import { coversDomains, type TokenDomains, type VerifiedToken } from './token';
import { TokenStore, type StoredToken } from './token.store';

const DAY_MS = 24 * 60 * 60 * 1000;
export const TOKEN_DEFAULT_MS = 90 * DAY_MS;
export const TOKEN_LONGEST_MS = 365 * DAY_MS;

export interface NewToken {
  readonly name: string;
  readonly permissions: readonly Permission[];
  /** The caller's domain when left out. */
  readonly domains?: TokenDomains;
  /** How long it lives: at most TOKEN_LONGEST_MS, and not longer than the caller's own token. TOKEN_DEFAULT_MS when left out. */
  readonly lifetimeMs?: number;
  /** Whom it speaks for: the caller when left out; another one needs `platform.admin`. */
  readonly principal?: PrincipalId;
}

/** A token as its owner sees it: no secret, no hash. */
export type TokenView = Omit<StoredToken, 'hash'>;

/** The use cases behind /me and /me/tokens. */
export class TokensService {
  constructor(
    private readonly store: TokenStore,
    private readonly tokens: LocalTokens,
    private readonly clock: Clock,
    private readonly ids: IdGenerator,
  ) {}

  /**
   * Makes a token and gives its text: the only time that it can be seen. It can do nothing that the caller's own token cannot.
   * So its answer must never be kept, not for an Idempotency-Key either: a repeat makes another token.
   * @throws PermissionMissing, TokenExceedsOwn
   */
  async create(caller: Caller, wanted: NewToken): Promise<{ token: TokenView; secret: string }> {
    demand(caller, 'token.manage');
    const own = await this.own(caller);
    const now = this.clock.now();
    const domains = wanted.domains ?? [caller.domain];
    if (wanted.principal !== undefined && wanted.principal !== caller.principal) demand(caller, 'platform.admin');
    const extra = wanted.permissions.filter((permission) => !caller.permissions.has(permission));
    if (extra.length > 0) throw new TokenExceedsOwn(`it lacks ${extra.join(', ')}`);
    if (!coversDomains(own.domains, domains)) throw new TokenExceedsOwn('it does not speak for all of these domains');

    const id = this.ids.next<TokenId>();
    const { text, hash } = this.tokens.newSecret(id);
    const token: StoredToken = {
      id,
      principal: wanted.principal ?? caller.principal,
      name: wanted.name,
      hash,
      permissions: [...new Set(wanted.permissions)],
      domains: domains === '*' ? '*' : [...new Set<DomainId>(domains)],
      createdBy: caller.principal,
      createdAt: now,
      expiresAt: expiryOf(wanted.lifetimeMs, own, now),
      lastUsedAt: null,
    };
    if (!(await this.store.add(token))) throw new Error(`The new id ${id} is taken.`);
    return { token: toView(token), secret: text };
  }

  /** Tokens that speak for the caller or that the caller made, newest first; none that speaks for a domain that the caller's does not. */
  async list(caller: Caller, page: PageRequest): Promise<Page<TokenView>> {
    demand(caller, 'token.manage');
    const { domains } = await this.own(caller);
    const found = await this.store.list(caller.principal, domains, page);
    return { ...found, items: found.items.map(toView) };
  }

  /** Revokes a token: it is refused from now on. @throws PermissionMissing, TokenNotFound */
  async delete(caller: Caller, id: TokenId): Promise<void> {
    demand(caller, 'token.manage');
    const { domains } = await this.own(caller);
    const known = isId(id) || id === ADMIN_TOKEN_ID ? await this.store.find(id) : undefined;
    if (!known || !coversDomains(domains, known.domains) || !(await this.store.remove(caller.principal, id)))
      throw new TokenNotFound(id);
    this.tokens.revoked(id);
  }

  /** What the caller's token is. */
  async me(caller: Caller): Promise<VerifiedToken> {
    return this.own(caller);
  }

  private async own(caller: Caller): Promise<VerifiedToken> {
    const { tokenId } = caller;
    const local = await this.tokens.about(tokenId);
    if (local) return local;
    // One of ours that is gone was revoked while its request was under way: it must not live on in what it makes.
    if (isId(tokenId) || tokenId === ADMIN_TOKEN_ID) throw new TokenInvalid();
    // An identity provider's token is known by what it was let in with.
    return { ...caller, domains: [caller.domain], expiresAt: null };
  }
}

function expiryOf(lifetimeMs: number | undefined, own: VerifiedToken, now: Date): Date {
  const ownEndMs = own.expiresAt?.getTime() ?? Infinity;
  if (lifetimeMs === undefined) return new Date(Math.min(now.getTime() + TOKEN_DEFAULT_MS, ownEndMs));
  if (lifetimeMs > TOKEN_LONGEST_MS) throw new TokenExceedsOwn('no token lives longer than 365 days');
  const endMs = now.getTime() + lifetimeMs;
  if (endMs > ownEndMs) throw new TokenExceedsOwn('it expires earlier than that');
  return new Date(endMs);
}

function toView(token: StoredToken): TokenView {
  const { hash: _hash, ...view } = token;
  return view;
}
