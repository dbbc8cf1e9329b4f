import { decodeCursor, encodeCursor, type DomainId, type Page, type PageRequest } from '@flow/kernel';
import type { Repository } from 'typeorm';

/** A page of a domain's rows in the order of their names, which are unique there; with `columns` alone when they are named. */
export async function pageByName<Row extends { domain: DomainId; name: string }>(
  rows: Repository<Row>,
  domain: DomainId,
  page: PageRequest,
  columns?: readonly (keyof Row & string)[],
): Promise<Page<Row>> {
  const inDomain = rows.createQueryBuilder('row').where('row.domain = :domain', { domain });
  const total = page.count ? await inDomain.getCount() : undefined;
  const after = page.cursor === undefined ? '' : String(decodeCursor(page.cursor, ['string'])[0]);
  if (columns) inDomain.select(columns.map((column) => `row.${column}`));
  const found = await inDomain
    .andWhere('row.name > :after', { after })
    .orderBy('row.name')
    .limit(page.limit + 1)
    .getMany();
  const items = found.slice(0, page.limit).map((row) => ({ ...row }));
  const last = items.at(-1);
  return {
    items,
    nextCursor: found.length > page.limit && last ? encodeCursor([last.name]) : null,
    ...(total !== undefined && { total }),
  };
}
