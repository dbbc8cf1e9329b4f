import { decodeCursor, encodeCursor, type DomainId, type Page, type PageRequest } from '@flow/kernel';
import type { ObjectLiteral, Repository, SelectQueryBuilder } from 'typeorm';

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

/** A page of what a query (of rows `one`) finds, the highest id first: ids sort by time, so that is the newest. */
export async function pageByNewest<Row extends ObjectLiteral & { id: string }, Item>(
  query: SelectQueryBuilder<Row>,
  page: PageRequest,
  toItem: (row: Row) => Item,
): Promise<Page<Item>> {
  const total = page.count ? await query.getCount() : undefined;
  if (page.cursor !== undefined)
    query.andWhere('one.id < :before', { before: String(decodeCursor(page.cursor, ['string'])[0]) });
  const found = await query
    .orderBy('one.id', 'DESC')
    .limit(page.limit + 1)
    .getMany();
  const rows = found.slice(0, page.limit);
  const last = rows.at(-1);
  return {
    items: rows.map(toItem),
    nextCursor: found.length > page.limit && last ? encodeCursor([last.id]) : null,
    ...(total !== undefined && { total }),
  };
}
