import { demand, type Caller } from '@flow/auth';
import type { Clock, Random } from '@flow/kernel';
import { BlobTooLarge, type BlobStore } from '@flow/platform';
import { checkedContent } from './content-type';
import { FileNotFound, FilesTooMany, FileTooLarge, FileTypeRefused } from './file.errors';
import type { FileStore } from './file.store';
import { FILE_LIFE_MS, HANDLE, freshHandle, type FileId, type UploadedFile } from './uploaded-file';

/** Files of one principal in a business domain that are not removed yet. */
export const MOST_FILES = 1_000;
/** What browsers and command lines wrap files in. */
const WRAPPINGS = new Set(['multipart/form-data', 'application/x-www-form-urlencoded']);

/** What somebody says of a file that is about to come. */
export interface Upload {
  readonly name: string;
  /** A media type in lower case, without parameters. */
  readonly contentType: string;
  /** How many bytes will come, where that is known. */
  readonly bytes?: number;
}

/** Files of callers, each its uploader's alone. */
export class FilesService {
  constructor(
    private readonly store: FileStore,
    private readonly blobs: BlobStore,
    private readonly clock: Clock,
    private readonly random: Random,
    private readonly limitBytes: number,
  ) {}

  /** Durable when it resolves. @throws FileTooLarge, FileTypeRefused, FileContentMismatch, FilesTooMany, what the source throws */
  async upload(caller: Caller, upload: Upload, source: AsyncIterable<Uint8Array>): Promise<UploadedFile> {
    demand(caller, 'file.upload');
    const { name, contentType, bytes = 0 } = upload;
    if (WRAPPINGS.has(contentType)) throw new FileTypeRefused(contentType);
    if (bytes > this.limitBytes) throw new FileTooLarge(this.limitBytes);
    const { domain, principal } = caller;
    const id = freshHandle(this.random);
    const place = { domain, owner: id };
    const blob = await this.blobs
      .put(place, checkedContent(contentType, source), this.limitBytes)
      .catch((error: unknown) => {
        throw error instanceof BlobTooLarge ? new FileTooLarge(this.limitBytes) : error;
      });
    const createdAt = this.clock.now();
    const expiresAt = new Date(createdAt.getTime() + FILE_LIFE_MS);
    const file = { id, domain, principal, name, contentType, ...blob, createdAt, expiresAt };
    if (await this.store.add(file, MOST_FILES)) return file;
    await this.blobs.release(place);
    throw new FilesTooMany(MOST_FILES);
  }

  /** @throws FileNotFound alike for ids that never were, are another's, or are over */
  async get(caller: Caller, id: string): Promise<UploadedFile> {
    demand(caller, 'file.upload');
    const { domain, principal } = caller;
    const [file] = HANDLE.test(id) ? await this.store.findMany(domain, principal, [id as FileId]) : [];
    if (!file || file.expiresAt <= this.clock.now()) throw new FileNotFound();
    return file;
  }

  /** @throws FileNotFound */
  async content(
    caller: Caller,
    id: string,
  ): Promise<{ readonly file: UploadedFile; readonly bytes: AsyncIterable<Uint8Array> }> {
    const file = await this.get(caller, id);
    return { file, bytes: this.blobs.get({ domain: file.domain, owner: file.id }, file.sha256) };
  }
}
