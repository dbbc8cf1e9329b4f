import { FileStore, type FileId, type UploadedFile } from '@flow/files';
import type { DomainId } from '@flow/kernel';
import { FILES } from './file.entity';
import { inPieces } from './pieces';
import type { Relational } from './relational';

/** What is known of uploaded files, in the relational database. */
export class SqlFileStore extends FileStore {
  constructor(private readonly relational: Relational) {
    super();
  }

  override async add(file: UploadedFile, most: number): Promise<boolean> {
    const { domain, principal } = file;
    return this.relational.run('file.add', async (tx) => {
      const rows = tx.repository(FILES);
      if ((await rows.countBy({ domain, principal })) >= most) return false;
      await rows.insert(file);
      return true;
    });
  }

  override async findMany(
    domain: DomainId,
    principal: string,
    ids: readonly FileId[],
  ): Promise<readonly UploadedFile[]> {
    return this.relational.read(async (tx) => {
      const found: UploadedFile[] = [];
      for (const some of inPieces(ids))
        found.push(...(await tx.repository(FILES).findBy(some.map((id) => ({ domain, principal, id })))));
      return found;
    });
  }

  override async expired(before: Date, limit: number): Promise<readonly UploadedFile[]> {
    return this.relational.read((tx) =>
      tx
        .repository(FILES)
        .createQueryBuilder('one')
        .where('one.expiresAt < :before', { before: before.getTime() })
        .orderBy('one.expiresAt')
        .addOrderBy('one.id')
        .limit(limit)
        .getMany(),
    );
  }

  override async remove(ids: readonly FileId[]): Promise<void> {
    await this.relational.run('file.remove', async (tx) => {
      for (const some of inPieces(ids)) await tx.repository(FILES).delete([...some]);
    });
  }

  override async unknown(names: readonly string[]): Promise<readonly string[]> {
    const known = await this.relational.read(async (tx) => {
      const found: string[] = [];
      for (const some of inPieces(names))
        found.push(
          ...(await tx.repository(FILES).findBy(some.map((id) => ({ id: id as FileId })))).map(({ id }) => id),
        );
      return new Set(found);
    });
    return names.filter((name) => !known.has(name));
  }
}
