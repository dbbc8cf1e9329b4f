import { TokenStore, coversDomains, type StoredToken, type TokenDomains } from '@flow/auth';
import { decodeCursor, encodeCursor, type Page, type PageRequest, type PrincipalId, type TokenId } from '@flow/kernel';

/** A TokenStore that forgets everything with the process: for specs that are about something else. */
export class MemoryTokenStore extends TokenStore {
  private readonly tokens = new Map<TokenId, StoredToken>();

  override async add(token: StoredToken): Promise<boolean> {
    if (this.tokens.has(token.id)) return false;
    this.tokens.set(token.id, token);
    return true;
  }

  override async find(id: TokenId): Promise<StoredToken | undefined> {
    return this.tokens.get(id);
  }

  override async list(principal: PrincipalId, within: TokenDomains, page: PageRequest): Promise<Page<StoredToken>> {
    const keyOf = (token: StoredToken) => `${token.createdAt.toISOString()} ${token.id}`;
    const mine = [...this.tokens.values()]
      .filter((token) => token.principal === principal || token.createdBy === principal)
      .filter(({ domains }) => coversDomains(within, domains))
      .sort((a, b) => (keyOf(a) < keyOf(b) ? 1 : -1));
    const after = page.cursor === undefined ? undefined : String(decodeCursor(page.cursor, ['string'])[0]);
    const rest = after === undefined ? mine : mine.filter((token) => keyOf(token) < after);
    const items = rest.slice(0, page.limit);
    const last = items.at(-1);
    return {
      items,
      nextCursor: last && rest.length > items.length ? encodeCursor([keyOf(last)]) : null,
      ...(page.count && { total: mine.length }),
    };
  }

  override async remove(principal: PrincipalId, id: TokenId): Promise<boolean> {
    const token = this.tokens.get(id);
    if (!token || (token.principal !== principal && token.createdBy !== principal)) return false;
    return this.tokens.delete(id);
  }

  override async markUsed(id: TokenId, at: Date): Promise<void> {
    const token = this.tokens.get(id);
    if (token && (token.lastUsedAt === null || token.lastUsedAt < at))
      this.tokens.set(id, { ...token, lastUsedAt: at });
  }

  override async purge(before: Date, limit: number): Promise<number> {
    const gone = [...this.tokens.values()]
      .filter(({ expiresAt }) => expiresAt !== null && expiresAt < before)
      .slice(0, limit);
    for (const { id } of gone) this.tokens.delete(id);
    return gone.length;
  }
}
