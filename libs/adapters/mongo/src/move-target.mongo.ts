import type { InstanceId } from '@flow/kernel';
import { MoveTarget, type Entry, type MovedBlob, type MovedDocuments } from '@flow/moving';
import { BlobDamaged, type BlobStore } from '@flow/platform';
import { keyOf as blobKeyOf } from './blob-store.mongo';
import { COLLECTIONS, type CollectionName } from './collections';
import type { Document } from './driver';
import { headerFrom } from './instance.docs';
import type { Mongo } from './mongo';
import { SHAPES, askingDoc, type Shape } from './moved.docs';

/** What is there before anybody has put anything into it. */
const BESIDE: ReadonlySet<CollectionName> = new Set(['schema', 'installation', 'moves']);
type AnyShape = Shape<unknown, CollectionName>;

/** Documents in MongoDB, as a move writes them. Values are taken from the blobs of the source. */
export class MongoMoveTarget extends MoveTarget {
  constructor(
    private readonly mongo: Mongo,
    private readonly blobs: BlobStore,
    private readonly from: BlobStore,
  ) {
    super();
  }

  /** Collections in which something stands; `workers` is one that has served. */
  static async used(mongo: Mongo): Promise<readonly CollectionName[]> {
    const names = (Object.keys(COLLECTIONS) as CollectionName[]).filter((name) => !BESIDE.has(name));
    const found = await mongo.read(() => Promise.all(names.map((name) => mongo.collection(name).findOne({}))));
    return names.filter((_, i) => found[i] !== null);
  }

  override async count(part: string): Promise<number> {
    const name = part === 'values' ? 'blobs' : shapeOf(part).collection;
    return this.mongo.read(() => this.mongo.collection(name).countDocuments({}));
  }

  override async find(part: string, keys: readonly string[]): Promise<readonly Entry[]> {
    if (part === 'values') return this.findValues(keys);
    const { collection, idOf, entryOf } = shapeOf(part);
    const docs = await this.mongo.read(() =>
      this.documents(collection)
        .find({ _id: { $in: keys.map(idOf) } })
        .toArray(),
    );
    return docs.map((doc) => entryOf(doc as never));
  }

  override async put(part: string, entries: readonly Entry[]): Promise<void> {
    if (part === 'values') return this.putValues(entries as readonly Entry<MovedBlob>[]);
    const { collection, docOf } = shapeOf(part);
    const docs =
      part === 'tasks'
        ? await this.taskDocs(entries as readonly Entry<MovedDocuments['tasks']>[])
        : entries.map(({ content }) => docOf(content));
    await this.mongo.putAll('move.put', collection, docs);
  }

  private documents(name: CollectionName) {
    return this.mongo.collection<'tasks'>(name as 'tasks');
  }

  private async taskDocs(entries: readonly Entry<MovedDocuments['tasks']>[]): Promise<readonly Document[]> {
    const asking = entries.filter(({ content }) => content.task.waitingFor?.kind === 'approval');
    const ids = [...new Set(asking.map(({ content }) => content.instance))];
    const rows = await this.mongo.read(() =>
      this.mongo
        .collection('instances')
        .find({ _id: { $in: ids } })
        .toArray(),
    );
    const headers = new Map(rows.map((row) => [row._id as InstanceId, headerFrom(row)]));
    return entries.map(({ content }) => {
      const header = content.task.waitingFor?.kind === 'approval' ? headers.get(content.instance) : undefined;
      return header ? askingDoc(content, header) : SHAPES.tasks.docOf(content);
    });
  }

  private async putValues(entries: readonly Entry<MovedBlob>[]): Promise<void> {
    for (const { content: place } of entries) {
      const { sha256, bytes } = place;
      await this.blobs.put(place, this.from.get(place, sha256), bytes);
    }
  }

  /** Read to the end, so that what stands is known to be what was kept. */
  private async findValues(keys: readonly string[]): Promise<readonly Entry<MovedBlob>[]> {
    const ids = keys.map((key) => {
      const [domain, owner, sha256] = JSON.parse(key) as [MovedBlob['domain'], string, string];
      return { key, id: blobKeyOf({ domain, owner }, sha256), blob: { domain, owner, sha256 } };
    });
    const docs = await this.mongo.read(() =>
      this.mongo
        .collection('blobs')
        .find({ _id: { $in: ids.map(({ id }) => id) } })
        .toArray(),
    );
    const standing = new Set(docs.map(({ _id }) => _id));
    const entries: Entry<MovedBlob>[] = [];
    for (const { key, id, blob } of ids) {
      if (!standing.has(id)) continue;
      const bytes = await this.bytesOf(blob);
      if (bytes !== undefined) entries.push({ key, content: { ...blob, bytes } });
    }
    return entries;
  }

  /** Undefined when what stands is damaged. */
  private async bytesOf(blob: Omit<MovedBlob, 'bytes'>): Promise<number | undefined> {
    let bytes = 0;
    try {
      for await (const piece of this.blobs.get(blob, blob.sha256)) bytes += piece.length;
      return bytes;
    } catch (error) {
      if (error instanceof BlobDamaged) return undefined;
      throw error;
    }
  }
}

function shapeOf(part: string): AnyShape {
  return SHAPES[part as keyof typeof SHAPES] as unknown as AnyShape;
}
