import type { DagFilter, DagSummary } from '@flow/dags';
import { RequestInvalid, decodeCursor, encodeCursor, type DomainId, type Page, type PageRequest } from '@flow/kernel';
import type { Filter } from './driver';
import type { DagDoc } from './collections';
import { foldTitle, isStorable, summaryFrom } from './dag.docs';
import type { Mongo } from './mongo';

const FIELDS = { createdAt: 'createdAt', updatedAt: 'updatedAt', title: 'folded' } as const;
type Field = (typeof FIELDS)[keyof typeof FIELDS];

/** A page of the DAGs of a domain along the index of its order. A keyword is compared with every title that the other filters leave. */
export async function listDags(
  mongo: Mongo,
  domain: DomainId,
  filter: DagFilter,
  page: PageRequest,
): Promise<Page<DagSummary>> {
  const sort = filter.sort ?? '-createdAt';
  const field = FIELDS[sort.replace('-', '') as keyof typeof FIELDS];
  const way = sort.startsWith('-') ? -1 : 1;
  const texts = [filter.keyword, filter.tag, filter.trigger, filter.createdBy];
  if (texts.some((text) => text !== undefined && !isStorable(text)))
    return { items: [], nextCursor: null, ...(page.count && { total: 0 }) };
  const all = wanted(domain, filter);
  const after = page.cursor === undefined ? {} : behind(page.cursor, sort, field, way);
  const dags = mongo.collection('dags');
  const rows = await mongo.read(() =>
    dags
      .find({ $and: [all, after] })
      .sort({ [field]: way, id: way })
      .limit(page.limit + 1)
      .project<Pick<DagDoc, 'summary' | 'id' | Field>>({ summary: 1, id: 1, [field]: 1 })
      .toArray(),
  );
  const shown = rows.slice(0, page.limit);
  const last = rows.length > page.limit ? shown.at(-1) : undefined;
  const total = page.count && (await mongo.read(() => dags.countDocuments(all)));
  return {
    items: shown.map(summaryFrom),
    nextCursor: last ? encodeCursor([sort, last[field], last.id]) : null,
    ...(page.count && { total: Number(total) }),
  };
}

function wanted(domain: DomainId, { keyword, status, trigger, tag, createdBy }: DagFilter): Filter<DagDoc> {
  return {
    listed: domain,
    ...(keyword !== undefined && keyword !== '' && { folded: { $regex: literal(foldTitle(keyword)) } }),
    ...(status !== undefined && { status }),
    ...(trigger !== undefined && { trigger }),
    ...(tag !== undefined && { tags: tag }),
    ...(createdBy !== undefined && { createdBy }),
  };
}

function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}

function behind(cursor: string, sort: string, field: Field, way: 1 | -1): Filter<DagDoc> {
  const [order, ...place] = decodeCursor(cursor, ['string', 'string', 'string']);
  const [value = '', id = ''] = place.map(String);
  if (order !== sort)
    throw new RequestInvalid([
      {
        pointer: '/cursor',
        code: 'cursor.invalid',
        message: 'The cursor was not made for this sort order; start without it.',
      },
    ]);
  return way === 1
    ? { [field]: { $gte: value }, $or: [{ [field]: { $gt: value } }, { [field]: value, id: { $gt: id } }] }
    : { [field]: { $lte: value }, $or: [{ [field]: { $lt: value } }, { [field]: value, id: { $lt: id } }] };
}
