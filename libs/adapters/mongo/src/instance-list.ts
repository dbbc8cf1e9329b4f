import type { Instance, InstanceFilter } from '@flow/instances';
import { decodeCursor, encodeCursor, type DomainId, type Page, type PageRequest } from '@flow/kernel';
import type { Filter } from './driver';
import { STATUS_CODE, type InstanceDoc } from './collections';
import { instanceFrom, labelText } from './instance.docs';
import type { Mongo } from './mongo';
import { pageOf } from './pages';

/** A page of what stands in the lists of a domain, by the index of its narrowest filter. */
export async function listInstances(
  mongo: Mongo,
  domain: DomainId,
  filter: InstanceFilter,
  page: PageRequest,
): Promise<Page<Instance>> {
  const instances = mongo.collection('instances');
  const all = wanted(domain, filter);
  const direction = filter.sort === 'createdAt' ? 1 : -1;
  const rows = instances.find({ $and: [all, behind(page, direction)] }).sort({ createdMs: direction, _id: direction });
  const { items, goOnBehind } = await pageOf(mongo, rows, page.limit);
  const total = page.count && (await mongo.read(() => instances.countDocuments(all)));
  return {
    items: items.map(instanceFrom),
    nextCursor: goOnBehind ? encodeCursor([goOnBehind.createdMs, goOnBehind._id]) : null,
    ...(page.count && { total: Number(total) }),
  };
}

function wanted(
  domain: DomainId,
  { dagId, status, createdFrom, createdTo, label }: InstanceFilter,
): Filter<InstanceDoc> {
  const codes = [...new Set(status)].map((one) => STATUS_CODE[one]);
  const created = {
    ...(createdFrom !== undefined && { $gte: Date.parse(createdFrom) }),
    ...(createdTo !== undefined && { $lt: Date.parse(createdTo) }),
  };
  return {
    listed: domain,
    ...(dagId !== undefined && { dagId }),
    ...(codes.length > 0 && { status: { $in: codes } }),
    ...(label && { labels: labelText(label.key, label.value) }),
    ...(Object.keys(created).length > 0 && { createdMs: created }),
  };
}

function behind({ cursor }: PageRequest, direction: 1 | -1): Filter<InstanceDoc> {
  if (cursor === undefined) return {};
  const [createdMs, id] = decodeCursor(cursor, ['number', 'string']);
  const [ms, last] = [Number(createdMs), String(id)];
  return direction === 1
    ? { createdMs: { $gte: ms }, $or: [{ createdMs: { $gt: ms } }, { createdMs: ms, _id: { $gt: last } }] }
    : { createdMs: { $lte: ms }, $or: [{ createdMs: { $lt: ms } }, { createdMs: ms, _id: { $lt: last } }] };
}
