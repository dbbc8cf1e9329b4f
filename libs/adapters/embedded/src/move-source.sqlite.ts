import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { AuditJournal } from '@flow/audit';
import { Database, FolderLock, SchemaTooNew, type Row } from '@flow/adapters/sqlite';
import type { DagStore } from '@flow/dags';
import type { InstanceStore, WorkerLog } from '@flow/instances';
import type { DomainId } from '@flow/kernel';
import {
  DOCUMENT_PARTS,
  MoveRefused,
  MoveSource,
  type DocumentPart,
  type MovedBlob,
  type PlacedEntry,
} from '@flow/moving';
import type { BlobStore, DecidingMark } from '@flow/platform';
import { SqliteAuditJournal } from './audit-journal.sqlite';
import { BLOBS_FOLDER, FileBlobStore, blobFolderOf } from './blob-store.files';
import { SqliteDagStore } from './dag-store.sqlite';
import { DOCUMENTS, LOCK_FILE, newestSchema } from './data-folder';
import { DOCUMENTS_FILE, openDocuments } from './documents.schema';
import { HotWritesHere } from './hot-writes';
import { SqliteInstallationMark } from './installation-mark.sqlite';
import { SqliteInstanceStore } from './instance-store.sqlite';
import { READINGS, type Reading } from './move-source.reads';
import { SqliteWorkerLog } from './worker-log.sqlite';

/** Rows that are carried at once, and bytes after which a page is full. */
const ROWS_A_PAGE = 500;
const BYTES_A_PAGE = 4 * 1024 * 1024;
const VALUES_A_PAGE = 50;

export interface FolderOpening {
  /** False: the file stays as it is, and is not brought up to date. */
  readonly changes: boolean;
  /** Whose values there are besides those of instances, and of which business domain each is; asked when nobody else has the folder any more. */
  readonly uploads: () => ReadonlyMap<string, DomainId>;
}

/** What stands in a data folder's `documents.db` and its blobs, while this process has the folder and nobody serves it. */
export class FolderMoveSource extends MoveSource {
  override readonly parts = DOCUMENT_PARTS;
  private owners: readonly string[] | undefined;

  private constructor(
    private readonly dataDir: string,
    private readonly db: Database,
    private readonly uploads: ReadonlyMap<string, DomainId>,
    private readonly lock: FolderLock,
  ) {
    super();
  }

  /** @throws MoveRefused, SchemaTooNew */
  static open(dataDir: string, { changes, uploads }: FolderOpening): FolderMoveSource {
    const file = join(dataDir, DOCUMENTS_FILE);
    if (!existsSync(file))
      throw new MoveRefused(`${dataDir} holds no data of this service. Set DATA_DIR to its folder.`);
    const lock = FolderLock.acquire(join(dataDir, LOCK_FILE));
    if (!lock) throw new MoveRefused(`${dataDir} is in use: stop the service first. Nothing was changed.`);
    try {
      return new FolderMoveSource(dataDir, changes ? openDocuments(dataDir) : openAsItIs(file), uploads(), lock);
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  /** For bringing into rows what workers have left in their logs. */
  stores(): { readonly dags: DagStore; readonly instances: InstanceStore; readonly log: WorkerLog } {
    const { db } = this;
    return { dags: new SqliteDagStore(db), instances: new SqliteInstanceStore(db), log: new SqliteWorkerLog(db) };
  }

  /** For bringing what it holds to where the others keep theirs. */
  journal(): AuditJournal {
    return new SqliteAuditJournal(this.db, new HotWritesHere(this.db));
  }

  blobs(): BlobStore {
    return new FileBlobStore(this.dataDir);
  }

  installation(): DecidingMark {
    return new SqliteInstallationMark(this.db);
  }

  /** Another one after each start of a service on it: every start makes a worker. */
  state(): string {
    return String(this.db.get('SELECT id FROM workers ORDER BY no DESC LIMIT 1')?.id ?? 'never started');
  }

  override async count(part: string): Promise<number> {
    if (part === 'values') {
      let count = 0;
      for (const owner of this.valueOwners()) count += this.valuesOf(owner).length;
      return count;
    }
    const counts = readingsOf(part).map(({ count = 'count(*)', from, where = '1' }) =>
      Number(this.db.get(`SELECT ${count} AS n FROM ${from} WHERE ${where}`)?.n ?? 0),
    );
    return counts.reduce((sum, count) => sum + count, 0);
  }

  override async page(part: string, after: string | null): Promise<readonly PlacedEntry[]> {
    if (part === 'values') return this.pageOfValues(after);
    const readings = readingsOf(part);
    const [from, ...place] = after === null ? [0] : (JSON.parse(after) as [number, ...(string | number)[]]);
    for (const [i, reading] of readings.entries()) {
      if (i < from) continue;
      const rows = this.rowsOf(reading, i === from && place.length > 0 ? place : reading.before);
      if (rows.length > 0)
        return rows.flatMap((row) => {
          const reached = JSON.stringify([i, ...reading.order.map((_, n) => row[`place_${n}`])]);
          return reading.entriesOf(row).map((entry) => ({ ...entry, place: reached }));
        });
    }
    return [];
  }

  close(): void {
    this.db.close();
    this.lock.release();
  }

  /** Looked at first, so that large rows make short pages. */
  private rowsOf(
    { select, from, where = '1', order, bytes }: Reading<unknown>,
    place: readonly (string | number)[] | Reading<unknown>['before'],
  ): Row[] {
    const key = order.join(', ');
    const rest = `FROM ${from} WHERE ${where} AND (${key}) > (${order.map(() => '?').join(', ')}) ORDER BY ${key} LIMIT ?`;
    const sizes = this.db.all(`SELECT ${bytes} AS bytes ${rest}`, ...place, ROWS_A_PAGE);
    let size = 0;
    const fitting = sizes.findIndex((row) => (size += Number(row.bytes)) > BYTES_A_PAGE);
    const limit = fitting < 0 ? ROWS_A_PAGE : fitting + 1;
    const places = order.map((column, n) => `${column} AS place_${n}`).join(', ');
    return this.db.all(`SELECT ${select}, ${places} ${rest}`, ...place, limit);
  }

  private pageOfValues(after: string | null): readonly PlacedEntry[] {
    const entries: PlacedEntry[] = [];
    const owners = this.valueOwners();
    for (const owner of owners.slice(after === null ? 0 : placeBehind(owners, after))) {
      for (const blob of this.valuesOf(owner))
        entries.push({ key: JSON.stringify([blob.domain, owner, blob.sha256]), place: owner, content: blob });
      if (entries.length >= VALUES_A_PAGE) break;
    }
    return entries;
  }

  /** Who may have values, in order. */
  private valueOwners(): readonly string[] {
    return (this.owners ??= [...new Set(foldersIn(join(this.dataDir, BLOBS_FOLDER)).flatMap(namesIn))].sort());
  }

  /** None of an owner that is neither an instance nor an uploaded file: nobody names them. */
  private valuesOf(owner: string): readonly MovedBlob[] {
    const row = this.db.get(
      `SELECT doc ->> '$.domain' AS domain FROM instances i WHERE i.id = ? AND i.no NOT IN (SELECT instance FROM purging)`,
      owner,
    );
    const domain = row ? (String(row.domain) as DomainId) : this.uploads.get(owner);
    if (domain === undefined) return [];
    const folder = blobFolderOf(join(this.dataDir, BLOBS_FOLDER), { domain, owner });
    if (!existsSync(folder)) return [];
    return readdirSync(folder)
      .sort()
      .map((sha256) => ({ domain, owner, sha256, bytes: statSync(join(folder, sha256)).size }));
  }
}

function readingsOf(part: string): readonly Reading<unknown>[] {
  return READINGS[part as Exclude<DocumentPart, 'values'>];
}

function foldersIn(path: string): readonly string[] {
  return namesIn(path).map((name) => join(path, name));
}

/** Of the folders in this one. */
function namesIn(path: string): readonly string[] {
  if (!existsSync(path)) return [];
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
}

/** The place of the first that comes behind this one. */
function placeBehind(sorted: readonly string[], one: string): number {
  let [from, to] = [0, sorted.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((sorted[middle] ?? '') <= one) from = middle + 1;
    else to = middle;
  }
  return from;
}

function openAsItIs(file: string): Database {
  const db = Database.open(file, { readOnly: true });
  const [found, known] = [db.schemaVersion(), newestSchema(DOCUMENTS)];
  if (found === known) return db;
  db.close();
  if (found > known) throw new SchemaTooNew(file, found, known);
  throw new MoveRefused(
    `${file} has schema ${found} of an older version, and ${known} is needed to count what is in it: a start brings it up to date, and so does the move itself. Nothing was changed.`,
  );
}
