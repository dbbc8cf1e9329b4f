import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Database, SchemaTooNew } from '@flow/adapters/sqlite';
import type { DomainId } from '@flow/kernel';
import { MoveRefused, MoveSource, MoveTarget, type Entry, type PlacedEntry } from '@flow/moving';
import type { FindOptionsWhere, ObjectLiteral, Repository } from 'typeorm';
import { ENTITIES } from './entities';
import type { AnyEntity } from './entity';
import type { Relational, Tx } from './relational';
import { RELATIONAL_FILE, RELATIONAL_MIGRATIONS } from './relational.schema';

const ROWS_A_PAGE = 200;

type Row = Readonly<Record<string, unknown>>;

/** Tables by their names: those of one database are those of the other. */
const PARTS: readonly string[] = ENTITIES.map(({ tableName }) => tableName);

/** The rows of a relational database, table by table, in the order of their primary keys. */
export class RelationalMoveSource extends MoveSource {
  override readonly parts = PARTS;

  constructor(private readonly relational: Relational) {
    super();
  }

  /** The same of a file that stays as it is: it is not brought up to date. @throws MoveRefused */
  static countsOf(dataDir: string): ReadonlyMap<string, number> {
    const file = join(dataDir, RELATIONAL_FILE);
    if (!existsSync(file)) return new Map(PARTS.map((part) => [part, 0]));
    const db = Database.open(file, { readOnly: true });
    try {
      const [found, known] = [db.schemaVersion(), RELATIONAL_MIGRATIONS.at(-1)?.version ?? 0];
      if (found > known) throw new SchemaTooNew(file, found, known);
      if (found < known)
        throw new MoveRefused(
          `${file} has schema ${found} of an older version, and ${known} is needed to count what is in it: a start brings it up to date, and so does the move itself. Nothing was changed.`,
        );
      return new Map(PARTS.map((part) => [part, Number(db.get(`SELECT count(*) AS n FROM ${part}`)?.n)]));
    } finally {
      db.close();
    }
  }

  /** Whose bytes are in the blobs beside the file, besides those of instances: uploaded files, and the business domain of each. */
  static uploadsOf(dataDir: string): ReadonlyMap<string, DomainId> {
    const file = join(dataDir, RELATIONAL_FILE);
    if (!existsSync(file)) return new Map();
    const db = Database.open(file, { readOnly: true });
    try {
      if (!db.get(`SELECT 1 FROM sqlite_master WHERE name = 'files'`)) return new Map();
      return new Map(db.all('SELECT id, domain FROM files').map(({ id, domain }) => [String(id), domain as DomainId]));
    } finally {
      db.close();
    }
  }

  override count(part: string): Promise<number> {
    return countOf(this.relational, part);
  }

  override async page(part: string, after: string | null): Promise<readonly PlacedEntry[]> {
    const entity = entityOf(part);
    const columns = primaryOf(entity);
    const place = after === null ? [] : (JSON.parse(after) as string[]);
    const rows = await this.relational.read(async (tx) => {
      const query = repositoryOf(tx, entity).createQueryBuilder('one').take(ROWS_A_PAGE);
      for (const column of columns) query.addOrderBy(`one.${column}`);
      if (place.length === 0) return query.getMany();
      const names = columns.map((column) => `one.${column}`).join(', ');
      const values = Object.fromEntries(place.map((value, i) => [`place${i}`, value]));
      return query.where(`(${names}) > (${place.map((_, i) => `:place${i}`).join(', ')})`, values).getMany();
    });
    return rows.map((row) => entryOf(entity, row)).map((entry) => ({ ...entry, place: entry.key }));
  }
}

/** The same as what is written into. */
export class RelationalMoveTarget extends MoveTarget {
  constructor(private readonly relational: Relational) {
    super();
  }

  /** Tables in which something stands. */
  async used(): Promise<readonly string[]> {
    const used: string[] = [];
    for (const part of PARTS) if ((await this.count(part)) > 0) used.push(part);
    return used;
  }

  override count(part: string): Promise<number> {
    return countOf(this.relational, part);
  }

  override async find(part: string, keys: readonly string[]): Promise<readonly Entry[]> {
    const entity = entityOf(part);
    const rows = await this.relational.read((tx) => repositoryOf(tx, entity).findBy(keysOf(entity, keys)));
    return rows.map((row) => entryOf(entity, row));
  }

  /** In one transaction: what stands under these keys goes, and they come. */
  override async put(part: string, entries: readonly Entry[]): Promise<void> {
    const entity = entityOf(part);
    const keys = entries.map(({ key }) => key);
    await this.relational.run('move.put', async (tx) => {
      const rows = repositoryOf(tx, entity);
      for (const key of keysOf(entity, keys)) await rows.delete(key);
      await rows.insert(entries.map(({ content }) => ({ ...(content as Row) })));
    });
  }
}

function countOf(relational: Relational, part: string): Promise<number> {
  return relational.read((tx) => repositoryOf(tx, entityOf(part)).count());
}

function entityOf(part: string): AnyEntity {
  const entity = ENTITIES.find(({ tableName }) => tableName === part);
  if (!entity) throw new Error(`There is no table ${part}.`);
  return entity;
}

function repositoryOf(tx: Tx, entity: AnyEntity): Repository<ObjectLiteral> {
  return tx.repository(entity);
}

function primaryOf({ columns }: AnyEntity): readonly string[] {
  return Object.keys(columns).filter((name) => columns[name]?.primary === true);
}

function keysOf(entity: AnyEntity, keys: readonly string[]): FindOptionsWhere<ObjectLiteral>[] {
  const columns = primaryOf(entity);
  return keys.map((key) => {
    const values = JSON.parse(key) as unknown[];
    return Object.fromEntries(columns.map((column, i) => [column, values[i]]));
  });
}

/** Times as milliseconds, which columns take as well: the same text on both sides. */
function entryOf(entity: AnyEntity, row: ObjectLiteral): Entry<Row> {
  const content = Object.fromEntries(
    Object.keys(entity.columns).map((name) => {
      const value = (row as Row)[name];
      return [name, value instanceof Date ? value.getTime() : value];
    }),
  );
  return { key: JSON.stringify(primaryOf(entity).map((column) => content[column])), content };
}
