import { TokenStore, type StoredToken, type TokenDomains } from '@flow/auth';
import { decodeCursor, encodeCursor, type Page, type PageRequest, type PrincipalId, type TokenId } from '@flow/kernel';
import { isDuplicate, type Relational } from './relational';
import { TOKENS } from './token.entity';

const BELONGS = '(token.principal = :principal OR token.createdBy = :principal)';

/** Tokens in the relational database. */
export class SqlTokenStore extends TokenStore {
  constructor(private readonly relational: Relational) {
    super();
  }

  override async add(token: StoredToken): Promise<boolean> {
    try {
      await this.relational.run('token.add', (tx) => tx.repository(TOKENS).insert({ ...token }));
      return true;
    } catch (error) {
      if (isDuplicate(error)) return false;
      throw error;
    }
  }

  override async find(id: TokenId): Promise<StoredToken | undefined> {
    const token = await this.relational.read((tx) => tx.repository(TOKENS).findOneBy({ id }));
    return token ? { ...token } : undefined;
  }

  override async list(principal: PrincipalId, within: TokenDomains, page: PageRequest): Promise<Page<StoredToken>> {
    const [createdAt, id] =
      page.cursor === undefined ? [Number.MAX_SAFE_INTEGER, ''] : decodeCursor(page.cursor, ['number', 'string']);
    return this.relational.read(async (tx) => {
      const all = tx.repository(TOKENS).createQueryBuilder('token').where(BELONGS, { principal });
      if (within !== '*') {
        const { condition, values } = speaksFor(within);
        all.andWhere(condition, values);
      }
      const total = page.count ? await all.getCount() : undefined;
      const tokens = await all
        .andWhere('(token.createdAt < :createdAt OR (token.createdAt = :createdAt AND token.id < :id))', {
          createdAt: Number(createdAt),
          id: String(id),
        })
        .orderBy('token.createdAt', 'DESC')
        .addOrderBy('token.id', 'DESC')
        .limit(page.limit + 1)
        .getMany();
      const items = tokens.slice(0, page.limit).map((token) => ({ ...token }));
      const last = items.at(-1);
      return {
        items,
        nextCursor: tokens.length > page.limit && last ? encodeCursor([last.createdAt.getTime(), last.id]) : null,
        ...(total !== undefined && { total }),
      };
    });
  }

  override async remove(principal: PrincipalId, id: TokenId): Promise<boolean> {
    const { affected } = await this.relational.run('token.remove', (tx) =>
      tx.repository(TOKENS).delete([
        { id, principal },
        { id, createdBy: principal },
      ]),
    );
    return affected === 1;
  }

  override async markUsed(id: TokenId, at: Date): Promise<void> {
    await this.relational.run('token.use', (tx) =>
      tx
        .repository(TOKENS)
        .createQueryBuilder()
        .update()
        .set({ lastUsedAt: at })
        .where('id = :id AND (last_used_at IS NULL OR last_used_at < :at)', { id, at: at.getTime() })
        .execute(),
    );
  }

  override async purge(before: Date, limit: number): Promise<number> {
    return this.relational.run('token.purge', async (tx) => {
      const tokens = tx.repository(TOKENS);
      const expired = await tokens
        .createQueryBuilder('token')
        .select(['token.id'])
        .where('token.expiresAt < :before', { before: before.getTime() })
        .orderBy('token.expiresAt')
        .limit(limit)
        .getMany();
      if (expired.length > 0) await tokens.delete(expired.map(({ id }) => id));
      return expired.length;
    });
  }
}

/**
 * That a token's domains, a list as JSON text, are all among these: without them no quoted name is left. Names of domains hold nothing
 * that JSON escapes; the text of `*` is quoted as well.
 */
function speaksFor(domains: readonly string[]): { condition: string; values: Record<string, string> } {
  const rest = domains.reduce((text, _domain, i) => `REPLACE(${text}, :domain${i}, '')`, 'token.domains');
  const values = domains.map((domain, i): [string, string] => [`domain${i}`, JSON.stringify(domain)]);
  return { condition: `${rest} NOT LIKE '%"%'`, values: Object.fromEntries(values) };
}
