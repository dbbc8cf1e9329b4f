import type { Database, SqlValue } from '@flow/adapters/sqlite';
import { INSTANCE_STATUSES, type Instance, type InstanceFilter } from '@flow/instances';
import { decodeCursor, encodeCursor, type DomainId, type Page, type PageRequest } from '@flow/kernel';
import { labelText } from './instance-store.rows';
import { STATUS_CODE } from './instances.schema';
import { PAGE_CHARACTERS, openRows } from './page-rows';

interface Key {
  readonly no: number;
  readonly createdMs: number;
  readonly id: string;
}

/** One stretch of one index that holds wanted rows in the wanted order. */
interface Range {
  readonly from: string;
  readonly where: string;
  readonly values: readonly SqlValue[];
}

type Bound = readonly [createdMs: number, id: string];

/**
 * Keys are read from the indexes alone, one range a status, and merged; only the rows of the page are opened. So page 1,000
 * costs what page 1 costs, whatever was filtered.
 */
export function listInstances(
  db: Database,
  domain: DomainId,
  filter: InstanceFilter,
  page: PageRequest,
): Page<Instance> {
  const ascending = filter.sort === 'createdAt';
  const ranges = rangesOf(domain, filter);
  const [low, high] = boundsOf(filter, page, ascending);
  const direction = ascending ? 'ASC' : 'DESC';
  const order = `ORDER BY created_ms ${direction}, id ${direction}`;
  const ofRanges = ranges.map(({ from, where }) => `SELECT * FROM (${keysOf(from, where, direction)} LIMIT ?)`);
  const keys = db
    .all(
      `${ofRanges.join(' UNION ALL ')} ${order} LIMIT ?`,
      ...ranges.flatMap(({ values }) => [...values, ...low, ...high, page.limit + 1]),
      page.limit + 1,
    )
    .map((row): Key => ({ no: Number(row.no), createdMs: Number(row.created_ms), id: String(row.id) }));
  const { docs, goOnBehind } = openRows(keys, page.limit, docsOf(db, keys.slice(0, page.limit)));
  return {
    items: docs.map((doc) => JSON.parse(doc) as Instance),
    nextCursor: goOnBehind ? encodeCursor([goOnBehind.createdMs, goOnBehind.id]) : null,
    ...(page.count && { total: countAll(db, ranges, filter) }),
  };
}

/** Keys of one range in their order, within bounds that follow as values. */
export function keysOf(from: string, where: string, direction: 'ASC' | 'DESC'): string {
  return `SELECT i.no, i.created_ms, i.id FROM ${from} WHERE ${where} AND (i.created_ms, i.id) > (?, ?) AND (i.created_ms, i.id) < (?, ?)
    ORDER BY i.created_ms ${direction}, i.id ${direction}`;
}

/** Opens the row of a key: all of a page are read by one statement, unless they are so large that the page will be shorter. */
function docsOf(db: Database, keys: readonly Key[]): (key: Key) => string | undefined {
  const numbers = JSON.stringify(keys.map(({ no }) => no));
  const rows = 'FROM json_each(?) k CROSS JOIN instances i ON i.no = k.value';
  if (Number(db.get(`SELECT sum(octet_length(i.doc)) AS bytes ${rows}`, numbers)?.bytes) <= PAGE_CHARACTERS) {
    const read = db.all(`SELECT i.no, i.doc ${rows}`, numbers);
    const docs = new Map(read.map(({ no, doc }) => [Number(no), String(doc)]));
    return ({ no }) => docs.get(no);
  }
  return ({ no }) => {
    const row = db.get('SELECT doc FROM instances WHERE no = ?', no);
    return row && String(row.doc);
  };
}

/** The stretches of indexes that the list of this filter reads. */
export function rangesOf(domain: DomainId, filter: InstanceFilter): readonly Range[] {
  const { dagId, label } = filter;
  const statuses = filter.status?.length ? [...new Set(filter.status)] : INSTANCE_STATUSES;
  const codes = statuses.map((status) => STATUS_CODE[status]);
  if (label) {
    const text = labelText(label.key, label.value);
    return codes.map((code) =>
      dagId === undefined
        ? {
            from: 'instance_labels i',
            where: 'i.domain = ? AND i.label = ? AND i.status = ?',
            values: [domain, text, code],
          }
        : {
            from: 'instance_labels i INDEXED BY instance_labels_by_dag',
            where: 'i.domain = ? AND i.dag_id = ? AND i.label = ? AND i.status = ?',
            values: [domain, dagId, text, code],
          },
    );
  }
  return codes.map((code) =>
    dagId === undefined
      ? {
          from: 'instances i INDEXED BY instances_by_status',
          where: 'i.domain = ? AND i.status = ?',
          values: [domain, code],
        }
      : {
          from: 'instances i INDEXED BY instances_by_dag',
          where: 'i.domain = ? AND i.dag_id = ? AND i.status = ?',
          values: [domain, dagId, code],
        },
  );
}

/** Both exclusive: an id is never empty, so (ms, '') stands before all rows of that millisecond. */
function boundsOf({ createdFrom, createdTo }: InstanceFilter, page: PageRequest, ascending: boolean): [Bound, Bound] {
  const low: Bound = [createdFrom === undefined ? -NEVER : Date.parse(createdFrom), ''];
  const high: Bound = [createdTo === undefined ? NEVER : Date.parse(createdTo), ''];
  if (page.cursor === undefined) return [low, high];
  const [createdMs, id] = decodeCursor(page.cursor, ['number', 'string']);
  const cursor: Bound = [Number(createdMs), String(id)];
  return ascending ? [later(low, cursor), high] : [low, later(high, cursor) === high ? cursor : high];
}

const NEVER = Number.MAX_SAFE_INTEGER;

function later(a: Bound, b: Bound): Bound {
  return a[0] > b[0] || (a[0] === b[0] && a[1] > b[1]) ? a : b;
}

function countAll(db: Database, ranges: readonly Range[], filter: InstanceFilter): number {
  const [low, high] = boundsOf(filter, { limit: 0 }, true);
  return ranges.reduce((sum, { from, where, values }) => {
    const row = db.get(
      `SELECT count(*) AS n FROM ${from} WHERE ${where} AND (i.created_ms, i.id) > (?, ?) AND (i.created_ms, i.id) < (?, ?)`,
      ...values,
      ...low,
      ...high,
    );
    return sum + Number(row?.n);
  }, 0);
}
