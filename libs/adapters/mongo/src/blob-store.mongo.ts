import { createHash, randomUUID } from 'node:crypto';
import type { Clock, DomainId } from '@flow/kernel';
import {
  BlobDamaged,
  BlobMissing,
  BlobStore,
  BlobTooLarge,
  type Blob,
  type BlobOwner,
  type BlobPlace,
} from '@flow/platform';
import type { BlobDoc, BlobPieceDoc } from './collections';
import { isDuplicate, type Mongo } from './mongo';

const PIECE_BYTES = 64 * 1024;
/** Pieces written in one request. */
const PIECES_AT_ONCE = 16;
const OWNER = /^[\w-]{1,64}$/;
const NAME = /^[0-9a-f]{64}$/;
const DAY_MS = 24 * 60 * 60 * 1_000;

/**
 * Blobs in pieces. The pieces of one are written first, under a name that nobody knows; the document that names them makes it a blob, in one
 * insert. What a process that died has left of pieces goes with the sweep, a day later.
 */
export class MongoBlobStore extends BlobStore {
  constructor(
    private readonly mongo: Mongo,
    private readonly clock: Clock,
  ) {
    super();
  }

  override async put(place: BlobPlace, source: AsyncIterable<Uint8Array>, limitBytes: number): Promise<Blob> {
    if (!OWNER.test(place.owner)) throw new Error(`"${place.owner}" cannot own blobs: its name is of another form.`);
    const content = randomUUID();
    const blob = await this.write(content, source, limitBytes).catch(async (error: unknown) => {
      await this.drop([content]).catch(() => undefined);
      throw error;
    });
    // A name that was given without an answer may stand: pieces that it may name are left to `dropForgotten`.
    if (!(await this.name(place, blob, content))) await this.drop([content]);
    return blob;
  }

  override async *get(place: BlobPlace, sha256: string): AsyncGenerator<Uint8Array> {
    const blob = await this.find(place, sha256);
    const hash = createHash('sha256');
    const pieces = this.pieces.find({ content: blob.content }).sort({ n: 1 }).batchSize(PIECES_AT_ONCE);
    for (;;) {
      const piece = await this.mongo.read(() => pieces.next());
      if (!piece) break;
      const data = bytesOf(piece.data);
      hash.update(data);
      yield data;
    }
    if (hash.digest('hex') !== sha256) throw new BlobDamaged(sha256);
  }

  override async share(from: BlobPlace, sha256: string, owner: string): Promise<void> {
    const to = { ...from, owner };
    const blob = await this.find(from, sha256);
    if (await this.refresh(to, sha256)) return;
    await this.put(to, this.get(from, sha256), blob.bytes);
  }

  override async release({ domain, owner }: BlobPlace): Promise<void> {
    await this.removeAll({ domain, owner });
  }

  /** From one to the next by the index, whatever each has. */
  override async owners(domain: DomainId, after: string, limit: number): Promise<readonly string[]> {
    const owners: string[] = [];
    for (let last = after; owners.length < limit;) {
      const next = await this.mongo.read(() =>
        this.blobs
          .find({ domain, owner: { $gt: last } })
          .sort({ domain: 1, owner: 1 })
          .limit(1)
          .next(),
      );
      if (!next) break;
      last = next.owner;
      owners.push(last);
    }
    return owners;
  }

  override async *everyOwner(): AsyncGenerator<BlobOwner> {
    for (let last: Pick<BlobDoc, 'domain' | 'owner'> | undefined; ;) {
      const behind = last && {
        domain: { $gte: last.domain },
        $or: [{ domain: { $gt: last.domain } }, { domain: last.domain, owner: { $gt: last.owner } }],
      };
      const next = await this.mongo.read(() =>
        this.blobs
          .find(behind ?? {})
          .sort({ domain: 1, owner: 1 })
          .limit(1)
          .next(),
      );
      if (!next) break;
      const { domain, owner } = next;
      last = { domain, owner };
      yield { owner, releaseIfOlder: (than) => this.releaseIfOlder({ domain, owner }, than) };
    }
    await this.dropForgotten();
  }

  private get blobs() {
    return this.mongo.collection('blobs');
  }

  private get pieces() {
    return this.mongo.collection('blob_pieces');
  }

  private async write(content: string, source: AsyncIterable<Uint8Array>, limitBytes: number): Promise<Blob> {
    const hash = createHash('sha256');
    let bytes = 0;
    let n = 0;
    let rest = Buffer.alloc(0);
    const put = async (all: readonly Buffer[]) => {
      if (all.length === 0) return;
      const writtenMs = this.clock.now().getTime();
      await this.mongo.write('blob.piece', () =>
        this.pieces.insertMany(
          all.map((data) => {
            n += 1;
            return { _id: `${content} ${n}`, content, n, data, writtenMs };
          }),
        ),
      );
    };
    for await (const piece of source) {
      bytes += piece.length;
      if (bytes > limitBytes) throw new BlobTooLarge(limitBytes);
      hash.update(piece);
      rest = Buffer.concat([rest, piece]);
      if (rest.length < PIECE_BYTES * PIECES_AT_ONCE) continue;
      const whole = rest.length - (rest.length % PIECE_BYTES);
      await put(inPieces(rest.subarray(0, whole)));
      rest = rest.subarray(whole);
    }
    await put(inPieces(rest));
    return { sha256: hash.digest('hex'), bytes };
  }

  /** Whether these pieces are now the blob's; false when it stands already. */
  private async name({ domain, owner }: BlobPlace, { sha256, bytes }: Blob, content: string): Promise<boolean> {
    const keptMs = this.clock.now().getTime();
    for (;;) {
      if (await this.refresh({ domain, owner }, sha256)) return false;
      try {
        const blob = { _id: keyOf({ domain, owner }, sha256), domain, owner, bytes, content, keptMs };
        await this.mongo.write('blob.put', () => this.blobs.insertOne(blob));
        return true;
      } catch (error) {
        if (!isDuplicate(error)) throw error;
      }
    }
  }

  /** It is kept anew, so that no sweep takes it; false when it does not stand. */
  private async refresh(place: BlobPlace, sha256: string): Promise<boolean> {
    const { matchedCount } = await this.mongo.write('blob.refresh', () =>
      this.blobs.updateOne({ _id: keyOf(place, sha256) }, { $max: { keptMs: this.clock.now().getTime() } }),
    );
    return matchedCount === 1;
  }

  private async find(place: BlobPlace, sha256: string): Promise<BlobDoc> {
    const blob = NAME.test(sha256)
      ? await this.mongo.read(() => this.blobs.findOne({ _id: keyOf(place, sha256) }))
      : null;
    if (!blob) throw new BlobMissing(sha256.slice(0, 64));
    return blob;
  }

  private async releaseIfOlder(place: Pick<BlobDoc, 'domain' | 'owner'>, than: Date): Promise<boolean> {
    const isYoung = { ...place, keptMs: { $gte: than.getTime() } };
    if (await this.mongo.read(() => this.blobs.findOne(isYoung))) return false;
    return this.removeAll({ ...place, keptMs: { $lt: than.getTime() } });
  }

  /** One by one, each only as it was read: one that was kept anew meanwhile stays. Whether any went. */
  private async removeAll(of: {
    readonly domain: string;
    readonly owner: string;
    readonly keptMs?: { readonly $lt: number };
  }): Promise<boolean> {
    const some = await this.mongo.read(() => this.blobs.find(of).toArray());
    let hasGone = false;
    for (const { _id, content } of some) {
      const { deletedCount } = await this.mongo.write('blob.release', () =>
        this.blobs.deleteOne({ _id, ...of, content }),
      );
      if (deletedCount === 0) continue;
      hasGone = true;
      await this.drop([content]);
    }
    return hasGone;
  }

  private async drop(contents: readonly string[]): Promise<void> {
    await this.mongo.write('blob.drop', () => this.pieces.deleteMany({ content: { $in: [...contents] } }));
  }

  private async dropForgotten(): Promise<void> {
    const before = this.clock.now().getTime() - DAY_MS;
    const firsts = await this.mongo.read(() => this.pieces.find({ n: 1, writtenMs: { $lt: before } }).toArray());
    for (const { content } of firsts)
      if (!(await this.mongo.read(() => this.blobs.findOne({ content })))) await this.drop([content]);
  }
}

export function keyOf({ domain, owner }: BlobPlace, sha256: string): string {
  return JSON.stringify([domain, owner, sha256]);
}

function inPieces(bytes: Buffer): readonly Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) pieces.push(bytes.subarray(at, at + PIECE_BYTES));
  return pieces;
}

/** A buffer comes back in the driver's own wrapping. */
function bytesOf(data: BlobPieceDoc['data']): Uint8Array {
  return 'buffer' in data && !(data instanceof Uint8Array) ? data.buffer : data;
}
