import { FileStore, type FileId, type UploadedFile } from '@flow/files';
import type { DomainId } from '@flow/kernel';

/** A FileStore that forgets everything with the process: for specs that are about something else. */
export class MemoryFileStore extends FileStore {
  private readonly files = new Map<string, UploadedFile>();

  override async add(file: UploadedFile, most: number): Promise<boolean> {
    const own = [...this.files.values()].filter(
      (one) => one.domain === file.domain && one.principal === file.principal,
    );
    if (own.length >= most) return false;
    this.files.set(file.id, file);
    return true;
  }

  override async findMany(
    domain: DomainId,
    principal: string,
    ids: readonly FileId[],
  ): Promise<readonly UploadedFile[]> {
    const found = ids.flatMap((id) => this.files.get(id) ?? []);
    return found.filter((one) => one.domain === domain && one.principal === principal);
  }

  override async expired(before: Date, limit: number): Promise<readonly UploadedFile[]> {
    const over = [...this.files.values()].filter(({ expiresAt }) => expiresAt < before);
    return over.sort((a, b) => a.expiresAt.getTime() - b.expiresAt.getTime()).slice(0, limit);
  }

  override async remove(ids: readonly FileId[]): Promise<void> {
    for (const id of ids) this.files.delete(id);
  }

  override async unknown(names: readonly string[]): Promise<readonly string[]> {
    return names.filter((name) => !this.files.has(name));
  }
}
