import { isUniqueViolation, type Database, type Row } from '@flow/adapters/sqlite';
import {
  DagNotFound,
  DagStale,
  DagStore,
  DagTitleTaken,
  VersionTaken,
  contentOf,
  factsOfChange,
  factsOfRemoval,
  isVersion,
  summaryOf,
  versionParts,
  type Dag,
  type DagFilter,
  type DagSummary,
  type DagVersion,
  type DagVersionSummary,
  type DagsNaming,
} from '@flow/dags';
import { decodeCursor, encodeCursor, type DagId, type DomainId, type Page, type PageRequest } from '@flow/kernel';
import { DagContents } from './dag-contents';
import type { SqliteDagOutbox } from './dag-outbox.sqlite';
import { dagsNaming, forgetSecrets, indexSecrets } from './dag-secrets';
import { listDags } from './dag-store.list';
import { dagFrom, foldTitle, isStorable, versionFrom, versionSummaryFrom } from './dag-store.rows';

const WHOLE = 'SELECT d.*, v.change_log, v.content FROM dags d JOIN dag_versions v ON v.row = d.version_row';
const FIND = `SELECT d.*, v.change_log FROM dags d JOIN dag_versions v ON v.row = d.version_row
  WHERE d.domain = ? AND d.id = ? AND d.deleted_at IS NULL`;

/** DAGs that were found last and have not changed since: nobody else writes the file. */
const MOST_KEPT = 1_000;

/** DAGs in SQLite (`dags.schema.ts`). Every change is one transaction, on disk when the promise resolves. */
export class SqliteDagStore extends DagStore {
  private readonly contents = new DagContents();
  private readonly found = new Map<string, Dag>();

  constructor(
    private readonly db: Database,
    /** Where it is given, what becomes of DAGs is written there. */
    private readonly outbox?: SqliteDagOutbox,
  ) {
    super();
  }

  override async create(dag: Dag): Promise<{ dag: Dag; created: boolean }> {
    const stored = this.db.transaction('dag.create', () => {
      const standing = this.db.get(`${WHOLE} WHERE d.domain = ? AND d.id = ?`, dag.domain, dag.id);
      if (standing) return { dag: dagFrom(standing), created: false };
      const versionRow = this.insertVersion(dag);
      const row = this.orTitleTaken(dag, () =>
        this.db.get(
          `INSERT INTO dags (domain, id, title, title_folded, description, status, type, tags, labels, priority, trigger_kind,
             version, version_row, created_by, created_at, updated_at, modified_by, revision)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING seq`,
          dag.domain,
          dag.id,
          dag.title,
          foldTitle(dag.title),
          dag.description,
          dag.status,
          dag.type,
          JSON.stringify(dag.tags),
          JSON.stringify(dag.labels),
          dag.priority,
          summaryOf(dag).trigger,
          dag.version,
          versionRow,
          dag.createdBy,
          dag.createdAt,
          dag.updatedAt,
          dag.modifiedBy,
          dag.revision,
        ),
      );
      this.indexWords(Number(row?.seq), dag);
      indexSecrets(this.db, Number(row?.seq), dag);
      this.outbox?.put(factsOfChange(undefined, dag));
      return { dag, created: true };
    });
    this.outbox?.ring();
    return stored;
  }

  override async find(domain: DomainId, id: DagId): Promise<Dag | undefined> {
    if (!isStorable(id)) return undefined;
    const key = keyOf(domain, id);
    const known = this.found.get(key);
    if (known) return known;
    const row = this.db.get(FIND, domain, id);
    if (!row) return undefined;
    const content = this.contents.get(domain, id, String(row.version), () =>
      String(this.db.get('SELECT content FROM dag_versions WHERE row = ?', Number(row.version_row))?.content),
    );
    const dag = Object.freeze(dagFrom(row, content));
    this.found.set(key, dag);
    for (const oldest of this.found.keys()) {
      if (this.found.size <= MOST_KEPT) break;
      this.found.delete(oldest);
    }
    return dag;
  }

  override async findByTitle(domain: DomainId, title: string): Promise<Dag | undefined> {
    if (!isStorable(title)) return undefined;
    const row = this.db.get(`${WHOLE} WHERE d.domain = ? AND d.title = ? AND d.deleted_at IS NULL`, domain, title);
    return row && dagFrom(row);
  }

  override async findMany(domain: DomainId, ids: readonly DagId[]): Promise<readonly Dag[]> {
    const rows = this.db.all(
      `${WHOLE} WHERE d.domain = ? AND d.id IN (SELECT value FROM json_each(?)) AND d.deleted_at IS NULL`,
      domain,
      JSON.stringify(ids),
    );
    const byId = new Map(rows.map((row) => [row.id as DagId, row]));
    return [...new Set(ids)].flatMap((id) => {
      const row = byId.get(id);
      return row ? [dagFrom(row)] : [];
    });
  }

  override async update(dag: Dag, fromRevision: number, options: { publish: boolean }): Promise<Dag> {
    this.found.delete(keyOf(dag.domain, dag.id));
    const stored = this.db.transaction('dag.update', () => {
      const standing = this.db.get(
        `${WHOLE} WHERE d.domain = ? AND d.id = ? AND d.deleted_at IS NULL`,
        dag.domain,
        dag.id,
      );
      if (!standing) throw new DagNotFound(dag.id);
      const versionRow = options.publish ? this.insertVersion(dag) : Number(standing.version_row);
      if (standing.revision !== fromRevision) throw new DagStale(dag.id);
      const next: Dag = {
        ...(options.publish ? dag : dagFrom(standing)),
        status: dag.status,
        tags: dag.tags,
        updatedAt: dag.updatedAt,
        modifiedBy: dag.modifiedBy,
        revision: fromRevision + 1,
      };
      this.orTitleTaken(dag, () =>
        this.db.run(
          `UPDATE dags SET title = ?, title_folded = ?, description = ?, status = ?, type = ?, tags = ?, labels = ?, priority = ?,
             trigger_kind = ?, version = ?, version_row = ?, updated_at = ?, modified_by = ?, revision = ? WHERE seq = ?`,
          next.title,
          foldTitle(next.title),
          next.description,
          next.status,
          next.type,
          JSON.stringify(next.tags),
          JSON.stringify(next.labels),
          next.priority,
          summaryOf(next).trigger,
          next.version,
          versionRow,
          next.updatedAt,
          next.modifiedBy,
          next.revision,
          standing.seq ?? null,
        ),
      );
      this.forgetWords(Number(standing.seq));
      this.indexWords(Number(standing.seq), next);
      if (options.publish) {
        forgetSecrets(this.db, Number(standing.seq));
        indexSecrets(this.db, Number(standing.seq), next);
      }
      this.outbox?.put(factsOfChange(dagFrom(standing), next));
      return next;
    });
    this.outbox?.ring();
    return stored;
  }

  override async remove(
    domain: DomainId,
    id: DagId,
    removal: { at: string; by: string; fromRevision?: number },
  ): Promise<void> {
    this.found.delete(keyOf(domain, id));
    this.db.transaction('dag.remove', () => {
      const standing = this.db.get(`${WHOLE} WHERE d.domain = ? AND d.id = ? AND d.deleted_at IS NULL`, domain, id);
      if (!standing) throw new DagNotFound(id);
      if (removal.fromRevision !== undefined && standing.revision !== removal.fromRevision) throw new DagStale(id);
      const seq = Number(standing.seq);
      this.db.run('UPDATE dags SET deleted_at = ?, deleted_by = ? WHERE seq = ?', removal.at, removal.by, seq);
      this.forgetWords(seq);
      forgetSecrets(this.db, seq);
      this.outbox?.put(factsOfRemoval(dagFrom(standing), removal));
    });
    this.outbox?.ring();
  }

  override async list(domain: DomainId, filter: DagFilter, page: PageRequest): Promise<Page<DagSummary>> {
    return listDags(this.db, domain, filter, page);
  }

  override async namingSecrets(
    domain: DomainId,
    names: readonly string[],
    limit: number,
  ): Promise<ReadonlyMap<string, DagsNaming>> {
    return dagsNaming(this.db, domain, names, limit);
  }

  override async versions(domain: DomainId, id: DagId, page: PageRequest): Promise<Page<DagVersionSummary>> {
    if (!isStorable(id)) return { items: [], nextCursor: null, ...(page.count && { total: 0 }) };
    const after =
      page.cursor === undefined ? [1e15, 0, 0] : decodeCursor(page.cursor, ['number', 'number', 'number']).map(Number);
    const rows = this.db.all(
      `SELECT domain, dag_id, major, minor, patch, version, change_log, created_by, created_at FROM dag_versions
       WHERE domain = ? AND dag_id = ? AND (major, minor, patch) < (?, ?, ?) ORDER BY major DESC, minor DESC, patch DESC LIMIT ?`,
      domain,
      id,
      ...after.map((part) => (Number.isFinite(part) ? part : 0)),
      page.limit + 1,
    );
    const shown = rows.slice(0, page.limit);
    const last = shown.at(-1);
    const total = () =>
      Number(this.db.get('SELECT count(*) AS n FROM dag_versions WHERE domain = ? AND dag_id = ?', domain, id)?.n);
    return {
      items: shown.map(versionSummaryFrom),
      nextCursor: rows.length > page.limit && last ? encodeCursor(versionKeys(last)) : null,
      ...(page.count && { total: total() }),
    };
  }

  override async version(domain: DomainId, id: DagId, version: string): Promise<DagVersion | undefined> {
    if (!isStorable(id) || !isVersion(version)) return undefined;
    const row = this.db.get(
      'SELECT * FROM dag_versions WHERE domain = ? AND dag_id = ? AND major = ? AND minor = ? AND patch = ?',
      domain,
      id,
      ...versionParts(version),
    );
    return row && versionFrom(row);
  }

  private insertVersion(dag: Dag): number {
    try {
      const row = this.db.get(
        `INSERT INTO dag_versions (domain, dag_id, major, minor, patch, version, change_log, created_by, created_at, content)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING row`,
        dag.domain,
        dag.id,
        ...versionParts(dag.version),
        dag.version,
        dag.changeLog,
        dag.modifiedBy,
        dag.updatedAt,
        JSON.stringify(contentOf(dag)),
      );
      return Number(row?.row);
    } catch (error) {
      throw isUniqueViolation(error) ? new VersionTaken(dag.id, dag.version) : error;
    }
  }

  private orTitleTaken<T>(dag: Dag, write: () => T): T {
    try {
      return write();
    } catch (error) {
      throw isUniqueViolation(error) ? new DagTitleTaken(dag.title) : error;
    }
  }

  private indexWords(seq: number, dag: Dag): void {
    this.db.run('INSERT INTO dag_titles (rowid, title_folded) VALUES (?, ?)', seq, foldTitle(dag.title));
    for (const tag of new Set(dag.tags))
      this.db.run('INSERT INTO dag_tags (domain, tag, seq) VALUES (?, ?, ?)', dag.domain, tag, seq);
  }

  private forgetWords(seq: number): void {
    this.db.run('DELETE FROM dag_titles WHERE rowid = ?', seq);
    this.db.run('DELETE FROM dag_tags WHERE seq = ?', seq);
  }
}

function keyOf(domain: DomainId, id: DagId): string {
  return `${domain} ${id}`;
}

function versionKeys(row: Row): number[] {
  return [Number(row.major), Number(row.minor), Number(row.patch)];
}
