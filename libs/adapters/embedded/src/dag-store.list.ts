import type { Database, SqlValue } from '@flow/adapters/sqlite';
import type { DagFilter, DagSummary } from '@flow/dags';
import { RequestInvalid, decodeCursor, encodeCursor, type DomainId, type Page, type PageRequest } from '@flow/kernel';
import { foldTitle, isStorable, summaryFrom } from './dag-store.rows';

/**
 * A rare word, tag or maker is looked up first and its few rows sorted; a frequent one fills a page soon on the way along the sort
 * order. The border keeps both ways short.
 */
const FEW = 2_000;
/** What the index of titles is made of; shorter keywords are searched along the sort order. */
const SHORTEST_INDEXED_KEYWORD = 3;

const ORDERS = {
  createdAt: { column: 'created_at', index: 'dags_by_created' },
  updatedAt: { column: 'updated_at', index: 'dags_by_updated' },
  title: { column: 'title_folded', index: 'dags_by_title' },
} as const;

interface Clause {
  readonly sql: string;
  readonly values: readonly SqlValue[];
}

export function listDags(db: Database, domain: DomainId, filter: DagFilter, page: PageRequest): Page<DagSummary> {
  const sort = filter.sort ?? '-createdAt';
  const descending = sort.startsWith('-');
  const { column, index } = ORDERS[(descending ? sort.slice(1) : sort) as keyof typeof ORDERS];
  const texts = [filter.keyword, filter.tag, filter.trigger, filter.createdBy];
  if (texts.some((text) => text !== undefined && !isStorable(text)))
    return { items: [], nextCursor: null, ...(page.count && { total: 0 }) };
  const source = fewRows(db, domain, filter) ?? { sql: `dags d INDEXED BY ${index}`, values: [] };
  const where = conditions(domain, filter);
  const after = page.cursor === undefined ? undefined : positionIn(page.cursor, sort);
  const way = descending ? 'DESC' : 'ASC';
  const rows = db.all(
    `SELECT d.*, d.${column} AS sort_value FROM ${source.sql} WHERE ${where.sql}
     ${after ? `AND (d.${column}, d.id) ${descending ? '<' : '>'} (?, ?)` : ''}
     ORDER BY d.${column} ${way}, d.id ${way} LIMIT ?`,
    ...source.values,
    ...where.values,
    ...(after ?? []),
    page.limit + 1,
  );
  const shown = rows.slice(0, page.limit);
  const last = shown.at(-1);
  return {
    items: shown.map(summaryFrom),
    nextCursor:
      rows.length > page.limit && last ? encodeCursor([sort, last.sort_value as string, last.id as string]) : null,
    ...(page.count && {
      total: Number(
        db.get(`SELECT count(*) AS n FROM ${source.sql} WHERE ${where.sql}`, ...source.values, ...where.values)?.n,
      ),
    }),
  };
}

/** The rows that one of the filters leaves, when they are few. */
function fewRows(db: Database, domain: DomainId, filter: DagFilter): Clause | undefined {
  const lookups: Clause[] = [];
  if (filter.keyword !== undefined && isIndexed(filter.keyword))
    lookups.push({
      sql: 'SELECT rowid AS seq FROM dag_titles WHERE dag_titles MATCH ?',
      values: [`"${foldTitle(filter.keyword).replaceAll('"', '""')}"`],
    });
  if (filter.tag !== undefined)
    lookups.push({ sql: 'SELECT seq FROM dag_tags WHERE domain = ? AND tag = ?', values: [domain, filter.tag] });
  for (const [column, value] of [
    ['created_by', filter.createdBy],
    ['trigger_kind', filter.trigger],
    ['status', filter.status],
  ] as const)
    if (value !== undefined)
      lookups.push({
        sql: `SELECT seq FROM dags WHERE domain = ? AND ${column} = ? AND deleted_at IS NULL`,
        values: [domain, value],
      });
  for (const { sql, values } of lookups) {
    const found = db.get(`SELECT count(*) AS n FROM (${sql} LIMIT ${FEW + 1})`, ...values);
    if (Number(found?.n) <= FEW) return { sql: `(${sql}) few CROSS JOIN dags d ON d.seq = few.seq`, values };
  }
  return undefined;
}

function isIndexed(keyword: string): boolean {
  return Array.from(foldTitle(keyword)).length >= SHORTEST_INDEXED_KEYWORD;
}

function conditions(domain: DomainId, filter: DagFilter): Clause {
  const parts: Clause[] = [{ sql: 'd.domain = ? AND d.deleted_at IS NULL', values: [domain] }];
  if (filter.status !== undefined) parts.push({ sql: 'd.status = ?', values: [filter.status] });
  if (filter.trigger !== undefined) parts.push({ sql: 'd.trigger_kind = ?', values: [filter.trigger] });
  if (filter.createdBy !== undefined) parts.push({ sql: 'd.created_by = ?', values: [filter.createdBy] });
  if (filter.keyword !== undefined && filter.keyword !== '')
    parts.push({ sql: 'instr(d.title_folded, ?) > 0', values: [foldTitle(filter.keyword)] });
  if (filter.tag !== undefined)
    parts.push({
      sql: 'EXISTS (SELECT 1 FROM dag_tags t WHERE t.domain = d.domain AND t.tag = ? AND t.seq = d.seq)',
      values: [filter.tag],
    });
  return { sql: parts.map(({ sql }) => sql).join(' AND '), values: parts.flatMap(({ values }) => values) };
}

/** The sort keys of the last row that was given; throws RequestInvalid for a cursor of another order. */
function positionIn(cursor: string, sort: string): readonly [string, string] {
  const [madeFor, value, id] = decodeCursor(cursor, 3);
  if (madeFor === sort && typeof value === 'string' && typeof id === 'string' && isStorable(value) && isStorable(id))
    return [value, id];
  throw new RequestInvalid([
    { pointer: '/cursor', code: 'cursor.invalid', message: `The cursor was not made for the sort order ${sort}.` },
  ]);
}
