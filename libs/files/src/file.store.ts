import type { DomainId } from '@flow/kernel';
import type { FileId, UploadedFile } from './uploaded-file';

/** What is known of uploaded files. Their bytes are in the blob store before they are added here, and go from there before they are removed here. */
export abstract class FileStore {
  /** False when its principal has `most` in this domain already: then nothing changes. */
  abstract add(file: UploadedFile, most: number): Promise<boolean>;

  /** Of a principal, whether or not their time is over; absent ones and others' are absent. */
  abstract findMany(domain: DomainId, principal: string, ids: readonly FileId[]): Promise<readonly UploadedFile[]>;

  /** Up to `limit` whose time was over before this, those first whose time was over first. */
  abstract expired(before: Date, limit: number): Promise<readonly UploadedFile[]>;

  abstract remove(ids: readonly FileId[]): Promise<void>;

  /** Those of these names that are no file, whatever the domain. */
  abstract unknown(names: readonly string[]): Promise<readonly string[]>;
}
