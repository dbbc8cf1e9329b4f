import { createHash } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { link, mkdir, open, opendir, readdir, rename, rm, utimes } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { isDiskFull } from '@flow/adapters/sqlite';
import type { DomainId } from '@flow/kernel';
import {
  BlobDamaged,
  BlobMissing,
  BlobStore,
  BlobTooLarge,
  StorageFull,
  StorageUnavailable,
  failpoint,
  type Blob,
  type BlobOwner,
  type BlobPlace,
} from '@flow/platform';

/** Folder of blobs in the data folder. */
export const BLOBS_FOLDER = 'blobs';
/** What is being written, and what is being deleted; emptied at each start. */
export const INCOMING = 'incoming';
const OWNER = /^[\w-]{1,64}$/;
const NAME = /^[0-9a-f]{64}$/;

/** Every blob of a data folder as a path within it, in order; `/` on every system. */
export function blobFiles(dataDir: string): readonly string[] {
  const root = join(dataDir, BLOBS_FOLDER);
  if (!existsSync(root)) return [];
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => relative(dataDir, join(parentPath, name)).split(sep).join('/'))
    .filter((file) => !file.startsWith(`${BLOBS_FOLDER}/${INCOMING}/`))
    .sort();
}

/** Whether a path within a data folder is that of a blob. */
export function isBlobFile(path: string): boolean {
  const [folder, domain = '', owner = '', name = '', ...rest] = path.split('/');
  return (
    folder === BLOBS_FOLDER &&
    /^[0-9a-f]{32}$/.test(domain) &&
    OWNER.test(owner) &&
    NAME.test(name) &&
    rest.length === 0
  );
}

/**
 * Blobs as files: `blobs/<hash of the domain>/<owner>/<hash of the bytes>`. A file is written elsewhere, flushed, and takes its name in one
 * step, so that no half of one is ever found under it. One process at a time may have the folder open.
 */
export class FileBlobStore extends BlobStore {
  private readonly root: string;
  private readonly incoming: string;
  private number = 0;

  constructor(dataDir: string) {
    super();
    this.root = join(dataDir, BLOBS_FOLDER);
    this.incoming = join(this.root, INCOMING);
    mkdirSync(this.incoming, { recursive: true, mode: 0o700 });
    for (const name of readdirSync(this.incoming)) rmSync(join(this.incoming, name), { recursive: true, force: true });
  }

  override async put(place: BlobPlace, source: AsyncIterable<Uint8Array>, limitBytes: number): Promise<Blob> {
    const folder = this.folderOf(place);
    failpoint('blob.put.before');
    const draft = this.newName();
    try {
      const blob = await write(draft, source, limitBytes);
      failpoint('blob.put.written');
      await makeFolder(folder);
      failpoint('blob.put.folder');
      await rename(draft, join(folder, blob.sha256));
      failpoint('blob.put.named');
      await syncFolder(folder);
      failpoint('blob.put.after');
      return blob;
    } catch (error) {
      await rm(draft, { force: true });
      throw named(error);
    }
  }

  override async *get(place: BlobPlace, sha256: string): AsyncGenerator<Uint8Array> {
    const hash = createHash('sha256');
    try {
      for await (const piece of createReadStream(this.fileOf(place, sha256)) as AsyncIterable<Buffer>) {
        hash.update(piece);
        yield piece;
      }
    } catch (error) {
      throw isAbsent(error) ? new BlobMissing(sha256) : error;
    }
    if (hash.digest('hex') !== sha256) throw new BlobDamaged(sha256);
  }

  override async share(from: BlobPlace, sha256: string, owner: string): Promise<void> {
    const file = this.fileOf(from, sha256);
    const folder = this.folderOf({ ...from, owner });
    failpoint('blob.share.before');
    try {
      await makeFolder(folder);
      await link(file, join(folder, sha256));
    } catch (error) {
      if (isAbsent(error)) throw new BlobMissing(sha256);
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw named(error);
    }
    failpoint('blob.share.named');
    await syncFolder(folder).catch((error: unknown) => {
      throw named(error);
    });
    failpoint('blob.share.after');
  }

  override async release(place: BlobPlace): Promise<void> {
    const folder = this.folderOf(place);
    failpoint('blob.release.before');
    await rm(folder, { recursive: true, force: true });
    failpoint('blob.release.after');
  }

  override async owners(domain: DomainId, after: string, limit: number): Promise<readonly string[]> {
    try {
      const names = await readdir(join(this.root, keyOf(domain)));
      return names
        .filter((name) => name > after)
        .sort()
        .slice(0, limit);
    } catch (error) {
      if (isAbsent(error)) return [];
      throw error;
    }
  }

  override async *everyOwner(): AsyncGenerator<BlobOwner> {
    for await (const domain of await opendir(this.root)) {
      if (domain.name === INCOMING || !domain.isDirectory()) continue;
      for await (const { name: owner } of await opendir(join(this.root, domain.name)))
        yield { owner, releaseIfOlder: (than) => this.releaseIfOlder(join(this.root, domain.name, owner), than) };
    }
  }

  /** In one turn: whoever keeps something has made the folder young before, or finds that it is gone and makes it again. */
  private async releaseIfOlder(folder: string, than: Date): Promise<boolean> {
    const gone = this.newName();
    failpoint('blob.sweep.before');
    try {
      if (statSync(folder).mtimeMs >= than.getTime()) return false;
      renameSync(folder, gone);
    } catch (error) {
      if (isAbsent(error)) return false;
      throw named(error);
    }
    failpoint('blob.sweep.moved');
    await rm(gone, { recursive: true, force: true });
    failpoint('blob.sweep.after');
    return true;
  }

  private newName(): string {
    this.number += 1;
    return join(this.incoming, String(this.number));
  }

  private folderOf(place: BlobPlace): string {
    if (!OWNER.test(place.owner)) throw new Error(`"${place.owner}" cannot own blobs: its name is of another form.`);
    return blobFolderOf(this.root, place);
  }

  private fileOf(place: BlobPlace, sha256: string): string {
    if (!NAME.test(sha256)) throw new BlobMissing(sha256.slice(0, 64));
    return join(this.folderOf(place), sha256);
  }
}

/** Where everything of an owner is, within the folder of all blobs. */
export function blobFolderOf(root: string, { domain, owner }: BlobPlace): string {
  return join(root, keyOf(domain), owner);
}

/** A folder's name for any text; file systems differ in what they take, and in what they take for the same. */
function keyOf(domain: DomainId): string {
  return createHash('sha256').update(domain).digest('hex').slice(0, 32);
}

async function write(file: string, source: AsyncIterable<Uint8Array>, limitBytes: number): Promise<Blob> {
  const hash = createHash('sha256');
  const handle = await open(file, 'wx', 0o600);
  let bytes = 0;
  try {
    for await (const piece of source) {
      bytes += piece.length;
      if (bytes > limitBytes) throw new BlobTooLarge(limitBytes);
      hash.update(piece);
      await handle.writeFile(piece);
      failpoint('blob.put.piece');
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
  return { sha256: hash.digest('hex'), bytes };
}

/** The folder is there when it returns, also after a loss of power, and of this moment: no sweep takes what comes into it. */
async function makeFolder(folder: string): Promise<void> {
  for (;;)
    try {
      const made = await mkdir(folder, { recursive: true, mode: 0o700 });
      if (made === undefined) {
        const now = new Date();
        await utimes(folder, now, now);
      } else {
        await syncFolder(dirname(folder));
        await syncFolder(dirname(dirname(folder)));
      }
      return;
    } catch (error) {
      // A sweep was faster.
      if (!isAbsent(error)) throw error;
    }
}

async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** What the system threw, as the fact that it is where there is a name for it. */
function named(error: unknown): unknown {
  if (isDiskFull(error)) return new StorageFull(error);
  return (error as NodeJS.ErrnoException | undefined)?.code === 'EIO' ? new StorageUnavailable(error) : error;
}

function isAbsent(error: unknown): boolean {
  return (error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT';
}
