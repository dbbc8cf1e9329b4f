import type { DomainId } from '@flow/kernel';

/** Whose bytes they are: an owner (an instance) within a business domain. */
export interface BlobPlace {
  readonly domain: DomainId;
  /** Letters, digits, `-` and `_`; 64 at most. */
  readonly owner: string;
}

export interface Blob {
  /** SHA-256 of the bytes, 64 hex digits: their name. */
  readonly sha256: string;
  readonly bytes: number;
}

/** An owner as a sweep meets it: its name, of whatever domain. */
export interface BlobOwner {
  readonly owner: string;
  /**
   * Deletes everything of it unless something was kept for it or shared with it since that moment, also by what is under way
   * just now; whether it did.
   */
  releaseIfOlder(than: Date): Promise<boolean>;
}

/**
 * Bytes that are too large to stand in a record or a row, named by their hash. They belong to an owner and go with it: nobody counts
 * references. What one domain has kept, or one owner, nobody else reaches, though they know the hash.
 */
export abstract class BlobStore {
  /**
   * Keeps what the source gives; durable when it resolves, and not there at all until then. Keeping the same bytes again changes nothing.
   * Stops reading and throws BlobTooLarge past the limit and StorageFull or StorageUnavailable when the disk does not take it;
   * what the source throws comes out as it is.
   */
  abstract put(place: BlobPlace, source: AsyncIterable<Uint8Array>, limitBytes: number): Promise<Blob>;

  /**
   * The bytes, piece by piece, some 64 KiB each. Throws BlobMissing, and BlobDamaged at the end when they are not what was kept: whoever
   * cannot take back what was read before holds it until then.
   */
  abstract get(place: BlobPlace, sha256: string): AsyncIterable<Uint8Array>;

  /** Gives another owner of the same domain the same bytes, its own from then on; durable when it resolves. Throws BlobMissing. */
  abstract share(from: BlobPlace, sha256: string, owner: string): Promise<void>;

  /** Deletes everything of an owner. Deleting nothing is no fault. */
  abstract release(place: BlobPlace): Promise<void>;

  /** Owners of a domain that have something, in order, behind `after`. */
  abstract owners(domain: DomainId, after: string, limit: number): Promise<readonly string[]>;

  /** Everybody of every domain who has something, in no order: what a sweep compares with the instances that stand. */
  abstract everyOwner(): AsyncIterable<BlobOwner>;
}
