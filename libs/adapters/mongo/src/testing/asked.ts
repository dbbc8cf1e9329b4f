import type { Document } from '../driver';
import { COLLECTIONS, type CollectionName } from '../collections';

/** One question that was asked of a collection, without its values. */
interface Asked {
  readonly collection: CollectionName;
  /** Fields that are compared with one value, or with several. */
  readonly equal: ReadonlySet<string>;
  /** Fields of which a stretch is wanted. */
  readonly ranges: ReadonlySet<string>;
  readonly order: readonly string[];
}

/**
 * Collects what commands ask, and tells what no declared index answers: the fields that are compared by equality have to be the first of one, in any
 * order, then those of the order have to follow, or one of a stretch. What is asked by `_id` has the index that every collection has.
 */
export class AskedQuestions {
  private readonly seen = new Map<string, Asked>();

  note(name: string, command: Document): void {
    for (const [collection, filter, sort] of questionsIn(name, command)) {
      const { equal, ranges } = fieldsOf(filter);
      const asked = {
        collection,
        equal,
        ranges,
        order: sort instanceof Map ? [...sort.keys()].map(String) : Object.keys(sort ?? {}),
      };
      this.seen.set(textOf(asked), asked);
    }
  }

  get count(): number {
    return this.seen.size;
  }

  unanswered(): readonly string[] {
    return [...this.seen].filter(([, asked]) => !isAnswered(asked)).map(([text]) => text);
  }
}

function* questionsIn(name: string, command: Document): Generator<[CollectionName, Document, Document | undefined]> {
  const collection = command[name] as CollectionName;
  if (!(collection in COLLECTIONS)) return;
  // Whether there is any at all is known with the first that is met.
  if (name === 'find' && isAny(command)) return;
  if (name === 'find') yield [collection, (command.filter ?? {}) as Document, command.sort as Document | undefined];
  // How many there are at all is known without a look at any.
  if (name === 'count' && command.query === undefined) return;
  if (name === 'count' || name === 'findAndModify') yield [collection, (command.query ?? {}) as Document, undefined];
  if (name === 'update') for (const { q } of command.updates as { q: Document }[]) yield [collection, q, undefined];
  if (name === 'delete') for (const { q } of command.deletes as { q: Document }[]) yield [collection, q, undefined];
  if (name === 'aggregate') {
    const [first] = command.pipeline as { $match?: Document }[];
    yield [collection, first?.$match ?? {}, undefined];
  }
}

function isAny({ filter = {}, sort, limit }: Document): boolean {
  return Object.keys(filter as Document).length === 0 && sort === undefined && limit === 1;
}

function fieldsOf(filter: Document): { equal: Set<string>; ranges: Set<string> } {
  const [equal, ranges] = [new Set<string>(), new Set<string>()];
  for (const [field, value] of Object.entries(filter)) {
    // A place behind a cursor also says so by a range, which is what the index is asked.
    if (field === '$or') continue;
    if (field === '$and')
      for (const part of value as Document[]) {
        const inner = fieldsOf(part);
        for (const one of inner.equal) equal.add(one);
        for (const one of inner.ranges) ranges.add(one);
      }
    else if (isEquality(value)) equal.add(field);
    else ranges.add(field);
  }
  return { equal, ranges };
}

function isEquality(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  const operators = Object.keys(value);
  return operators.every((operator) => !operator.startsWith('$')) || operators.includes('$in');
}

function isAnswered({ collection, equal, ranges, order }: Asked): boolean {
  const isAll = equal.size === 0 && ranges.size === 0;
  const indexes = [['_id'], ...COLLECTIONS[collection].map(({ key }) => Object.keys(key as object))];
  return indexes.some((fields) => {
    let at = 0;
    while (at < fields.length && equal.has(fields[at]!)) at += 1;
    const rest = fields.slice(at);
    // Fields of the order that are compared with one value order nothing.
    const wanted = order.filter((field) => !equal.has(field));
    if (wanted.length > 0) return wanted.every((field, i) => rest[i] === field) && (at > 0 || ranges.size > 0 || isAll);
    return at > 0 || (rest[0] !== undefined && ranges.has(rest[0]));
  });
}

function textOf({ collection, equal, ranges, order }: Asked): string {
  return `${collection}: ${[...equal].sort().join(', ')} | ${[...ranges].sort().join(', ')} | by ${order.join(', ')}`;
}
