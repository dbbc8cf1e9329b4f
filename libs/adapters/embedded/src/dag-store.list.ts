import type { Database, Row, SqlValue } from '@flow/adapters/sqlite';
import type { DagFilter, DagSummary } from '@flow/dags';
import { RequestInvalid, decodeCursor, encodeCursor, type DomainId, type Page, type PageRequest } from '@flow/kernel';
import { foldTitle, isStorable, summaryFrom } from './dag-store.rows';

/** So many entries along the sort order are looked at first: what is frequent fills a page within them. */
const WALKED = 1_500;
/** What rows of a rare word, tag or maker are gathered and sorted at most; what is more frequent is met often enough on the way. */
const FEW = 1_000;
/** Rows of one filter that are compared with the other filters, by their indexes alone. */
const MOST_COMPARED = 20_000;
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

interface Order {
  readonly column: string;
  readonly index: string;
  readonly way: 'ASC' | 'DESC';
  readonly after: readonly [string, string] | undefined;
}

/** Rows that one filter leaves, found in an index, and whether a row is one of them. */
interface Lookup extends Clause {
  /** With more rows nothing begins with them. */
  readonly most: number;
  readonly has: ((seq: string) => Clause) | undefined;
}

export function listDags(db: Database, domain: DomainId, filter: DagFilter, page: PageRequest): Page<DagSummary> {
  const sort = filter.sort ?? '-createdAt';
  const descending = sort.startsWith('-');
  const texts = [filter.keyword, filter.tag, filter.trigger, filter.createdBy];
  if (texts.some((text) => text !== undefined && !isStorable(text)))
    return { items: [], nextCursor: null, ...(page.count && { total: 0 }) };
  const order: Order = {
    ...ORDERS[(descending ? sort.slice(1) : sort) as keyof typeof ORDERS],
    way: descending ? 'DESC' : 'ASC',
    after: page.cursor === undefined ? undefined : positionIn(page.cursor, sort),
  };
  const where = conditions(domain, filter);
  const wanted = page.limit + 1;
  const isFiltered = Object.keys(filter).some((key) => key !== 'sort');
  const walked = isFiltered ? walk(db, domain, where, order, wanted) : undefined;
  const rows = walked ?? gather(db, domain, filter, where, order, wanted);
  const shown = rows.slice(0, page.limit);
  const last = shown.at(-1);
  return {
    items: shown.map(summaryFrom),
    nextCursor:
      rows.length > page.limit && last ? encodeCursor([sort, last[order.column] as string, last.id as string]) : null,
    ...(page.count && { total: countOf(db, domain, filter, where, order) }),
  };
}

/** A page from the next entries along the sort order; undefined when they do not fill it and more follow. */
function walk(db: Database, domain: DomainId, where: Clause, order: Order, wanted: number): Row[] | undefined {
  const { column, index, way } = order;
  const next = behind(order, 'd');
  const along = `SELECT d.seq, d.domain, NULL AS deleted_at, d.status, d.trigger_kind, d.created_by, d.title_folded, d.${column} AS sort_value, d.id
    FROM dags d INDEXED BY ${index} WHERE d.domain = ? AND d.deleted_at IS NULL ${next.sql} ORDER BY d.${column} ${way}, d.id ${way}`;
  const found = db.all(
    `SELECT d.seq FROM (${along} LIMIT ${WALKED}) d WHERE ${where.sql} ORDER BY d.sort_value ${way}, d.id ${way} LIMIT ?`,
    domain,
    ...next.values,
    ...where.values,
    wanted,
  );
  if (found.length < wanted && db.get(`${along} LIMIT 1 OFFSET ${WALKED}`, domain, ...next.values)) return undefined;
  return opened(db, found);
}

/** A page from the rows that the rarest filter leaves, or along the whole sort order when those are many. */
function gather(
  db: Database,
  domain: DomainId,
  filter: DagFilter,
  where: Clause,
  order: Order,
  wanted: number,
): readonly Row[] {
  const { column, way } = order;
  const source = fewRows(db, domain, filter) ?? { sql: `dags d INDEXED BY ${order.index}`, values: [] };
  const next = behind(order, 'd');
  const found = db.all(
    `SELECT d.seq FROM ${source.sql} WHERE ${where.sql} ${next.sql} ORDER BY d.${column} ${way}, d.id ${way} LIMIT ?`,
    ...source.values,
    ...where.values,
    ...next.values,
    wanted,
  );
  return opened(db, found);
}

function opened(db: Database, found: readonly Row[]): Row[] {
  const numbers = JSON.stringify(found.map(({ seq }) => Number(seq)));
  return db.all('SELECT d.* FROM json_each(?) k CROSS JOIN dags d ON d.seq = k.value ORDER BY k.id', numbers);
}

function countOf(db: Database, domain: DomainId, filter: DagFilter, where: Clause, { index }: Order): number {
  const source = fewRows(db, domain, filter) ?? { sql: `dags d INDEXED BY ${index}`, values: [] };
  const row = db.get(`SELECT count(*) AS n FROM ${source.sql} WHERE ${where.sql}`, ...source.values, ...where.values);
  return Number(row?.n);
}

function behind({ column, way, after }: Order, alias: string): Clause {
  if (!after) return { sql: '', values: [] };
  return { sql: `AND (${alias}.${column}, ${alias}.id) ${way === 'DESC' ? '<' : '>'} (?, ?)`, values: after };
}

/** The rows that all filters leave that have an index, when they are few. */
function fewRows(db: Database, domain: DomainId, filter: DagFilter): Clause | undefined {
  const sizes = lookupsOf(domain, filter).map((lookup) => {
    const found = db.get(`SELECT count(*) AS n FROM (${lookup.sql} LIMIT ${lookup.most + 1})`, ...lookup.values);
    return { lookup, size: Number(found?.n) };
  });
  sizes.sort((a, b) => a.size - b.size);
  const [rarest, ...others] = sizes;
  if (!rarest || rarest.size > rarest.lookup.most) return undefined;
  const compared = others.flatMap(({ lookup }) => lookup.has?.('r.seq') ?? []);
  const sql = `SELECT r.seq FROM (${rarest.lookup.sql}) r ${compared.length > 0 ? 'WHERE' : ''} ${compared.map((one) => one.sql).join(' AND ')}`;
  const values = [...rarest.lookup.values, ...compared.flatMap((one) => one.values)];
  const left = db.all(`${sql} LIMIT ${FEW + 1}`, ...values).map(({ seq }) => Number(seq));
  if (left.length > FEW) return undefined;
  return { sql: 'json_each(?) few CROSS JOIN dags d ON d.seq = few.value', values: [JSON.stringify(left)] };
}

function lookupsOf(domain: DomainId, filter: DagFilter): readonly Lookup[] {
  const lookups: Lookup[] = [];
  if (filter.keyword !== undefined && isIndexed(filter.keyword))
    lookups.push({
      sql: 'SELECT rowid AS seq FROM dag_titles WHERE dag_titles MATCH ?',
      values: [`"${foldTitle(filter.keyword).replaceAll('"', '""')}"`],
      most: FEW,
      has: undefined,
    });
  const add = (from: string, where: string, ...values: SqlValue[]) =>
    lookups.push({
      sql: `SELECT l.seq FROM ${from} WHERE ${where}`,
      values,
      most: MOST_COMPARED,
      has: (seq) => ({ sql: `EXISTS (SELECT 1 FROM ${from} WHERE ${where} AND l.seq = ${seq})`, values }),
    });
  if (filter.tag !== undefined) add('dag_tags l', 'l.domain = ? AND l.tag = ?', domain, filter.tag);
  for (const [column, index, value] of [
    ['created_by', 'dags_by_creator', filter.createdBy],
    ['trigger_kind', 'dags_by_trigger', filter.trigger],
    ['status', 'dags_by_status', filter.status],
  ] as const)
    if (value !== undefined)
      add(`dags l INDEXED BY ${index}`, `l.domain = ? AND l.${column} = ? AND l.deleted_at IS NULL`, domain, value);
  return lookups;
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
