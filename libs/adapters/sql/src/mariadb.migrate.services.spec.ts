import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  RelationalNotMigrated,
  RelationalTooNew,
  ENTITIES,
  MARIADB_MIGRATIONS,
  RELATIONAL_FILE,
  RELATIONAL_MIGRATIONS,
  SqliteRelational,
  migrateRelational,
} from '@flow/adapters/sql';
import { Database } from '@flow/adapters/sqlite';
import { FailpointHit, SystemClock, armFailpoint } from '@flow/platform';
import { startScript } from '@flow/testing/adapters/sqlite';
import { migrateMariaDb } from './mariadb.migrate';
import { PATIENCE } from './mariadb.patience';
import { MariaDbPool } from './mariadb.pool';
import { MigrationTaken } from './relational.errors';
import { TestDatabase } from './testing/mariadb-server';

const VERSIONS = MARIADB_MIGRATIONS.map(({ version }) => version);
const NEWEST = VERSIONS.at(-1) ?? 0;

describe('The schema of MariaDB', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await TestDatabase.make();
  });
  afterEach(async () => {
    armFailpoint(undefined);
    await database.remove();
  });

  const migrate = (to?: number, url = database.url) => migrateRelational({ url: url.href, pool: 1, tls: 'off' }, to);
  const applied = async () =>
    (await database.query('SELECT version FROM schema_migrations ORDER BY 1')).map(({ version }) => version);

  /** Tables, columns and indexes, apart from the note of what has run. */
  async function shape(): Promise<unknown> {
    const ours = "table_schema = ? AND table_name <> 'schema_migrations'";
    return {
      tables: await database.query(
        `SELECT table_name, engine, table_collation FROM information_schema.tables WHERE ${ours} ORDER BY 1`,
        [database.name],
      ),
      columns: await database.query(
        `SELECT table_name, column_name, column_type, is_nullable, collation_name FROM information_schema.columns WHERE ${ours} ORDER BY 1, 2`,
        [database.name],
      ),
      indexes: await database.query(
        `SELECT table_name, index_name, non_unique, seq_in_index, column_name FROM information_schema.statistics WHERE ${ours} ORDER BY 1, 2, 4`,
        [database.name],
      ),
    };
  }

  it('goes up and down step by step, and down leaves what stood before up', async () => {
    const shapes = [await shape()];
    for (const version of VERSIONS) {
      expect(await migrate(version)).toEqual({ from: version - 1, to: version });
      shapes.push(await shape());
    }
    for (const version of VERSIONS) expect(shapes[version]).not.toEqual(shapes[version - 1]);
    for (const version of [...VERSIONS].reverse()) {
      await migrate(version - 1);
      expect(await shape()).toEqual(shapes[version - 1]);
      expect(await applied()).toEqual(VERSIONS.filter((one) => one < version));
    }
    expect(await migrate()).toEqual({ from: 0, to: NEWEST });
    expect(await shape()).toEqual(shapes[NEWEST]);
    expect(await migrate()).toEqual({ from: NEWEST, to: NEWEST });
    expect(await migrate(0)).toEqual({ from: NEWEST, to: 0 });
    expect(await shape()).toEqual(shapes[0]);
  });

  it('leaves rows alone that no step is about', async () => {
    await migrate();
    await database.query("INSERT INTO domain_retentions VALUES ('acme', '\"P1D\"', 'alice', 1)");
    await migrate(NEWEST - 1);
    await migrate();
    expect(await database.query('SELECT domain FROM domain_retentions')).toEqual([{ domain: 'acme' }]);
  });

  it('has the versions, tables and columns that relational.db has', async () => {
    expect(VERSIONS).toEqual(RELATIONAL_MIGRATIONS.map(({ version }) => version));
    await migrate();
    const folder = mkdtempSync(join(tmpdir(), 'relational-'));
    await SqliteRelational.open(folder, ENTITIES).close();
    const db = Database.open(join(folder, RELATIONAL_FILE), { readOnly: true });
    const embedded = db
      .all(
        `SELECT t.name AS "table", c.name AS "column", c."notnull" = 0 AND c.pk = 0 AS nullable, c.pk FROM sqlite_master t, pragma_table_info(t.name) c WHERE t.type = 'table'`,
      )
      .map(
        (row) =>
          `${String(row.table)}.${String(row.column)} ${row.nullable ? 'null' : ''} ${Number(row.pk) > 0 ? 'key' : ''}`,
      );
    db.close();
    rmSync(folder, { recursive: true, force: true });
    const columns = await database.query(
      "SELECT table_name AS t, column_name AS c, is_nullable AS n, column_key AS k FROM information_schema.columns WHERE table_schema = ? AND table_name <> 'schema_migrations'",
      [database.name],
    );
    const ours = columns.map(
      ({ t, c, n, k }) => `${String(t)}.${String(c)} ${n === 'YES' ? 'null' : ''} ${k === 'PRI' ? 'key' : ''}`,
    );
    expect(ours.sort()).toEqual(embedded.sort());
    const collations = await database.query(
      'SELECT DISTINCT collation_name AS name FROM information_schema.columns WHERE table_schema = ? AND collation_name IS NOT NULL',
      [database.name],
    );
    expect(collations).toEqual([{ name: 'utf8mb4_nopad_bin' }]);
  });

  it('is made once when several processes start at the same moment', async () => {
    const script = join(__dirname, 'testing', 'open-mariadb.ts');
    const processes = [1, 2, 3, 4].map(() => startScript(script, [database.url.href]));
    const ends = await Promise.all(
      processes.map(async (child) => {
        let said = '';
        child.stdout.on('data', (text: Buffer) => (said += text.toString()));
        child.stdin.end();
        const code = await new Promise((resolve) => child.once('exit', resolve));
        return { code, said };
      }),
    );
    expect(ends).toEqual(ends.map(() => ({ code: 0, said: 'open' })));
    expect(await applied()).toEqual(VERSIONS);
  });

  it.each([
    'schema.migrate.before',
    'schema.migrate.statement',
    'schema.migrate.statement@2',
    'schema.migrate.commit',
    'schema.migrate.after',
    'schema.migrate.before@3',
  ])('is brought to its end by the next start when it was cut off at %s, up and down', async (point) => {
    armFailpoint(`${point}:throw`);
    await expect(migrate()).rejects.toThrow(FailpointHit);
    expect(await migrate()).toMatchObject({ to: NEWEST });
    const whole = await shape();
    armFailpoint(`${point}:throw`);
    await expect(migrate(0)).rejects.toThrow(FailpointHit);
    await migrate(0);
    expect(await applied()).toEqual([]);
    await migrate();
    expect(await shape()).toEqual(whole);
  });

  it("refuses a newer build's schema, says what to do, and changes nothing", async () => {
    await migrate();
    await database.query('INSERT INTO schema_migrations (version) VALUES (999)');
    const before = await shape();
    const opening = database.open();
    await expect(opening).rejects.toThrow(RelationalTooNew);
    await expect(opening).rejects.toThrow(
      new RegExp(`${database.name} of MARIADB_URL has schema 999.*knows only ${NEWEST}.*start that version`),
    );
    await expect(migrate(1)).rejects.toThrow(RelationalTooNew);
    expect(await shape()).toEqual(before);
    expect(await applied()).toEqual([...VERSIONS, 999]);
  });

  it('needs no right to change tables where nothing is to do, and says who has to do it otherwise', async () => {
    const service = await database.userWho('SELECT, INSERT, UPDATE, DELETE');
    await expect(database.open({ url: service })).rejects.toThrow(RelationalNotMigrated);
    const owner = await database.userWho('SELECT, INSERT, DELETE, CREATE, ALTER, INDEX, DROP');
    await migrate(undefined, owner);
    const relational = await database.open({ url: service });
    await relational.close();
    await migrate(NEWEST - 1, owner);
    await expect(database.open({ url: service })).rejects.toThrow(/flow migrate|flowctl migrate/);
  });

  it('waits for another process that is at it, and not for ever', async () => {
    const pool = await MariaDbPool.open({ url: database.url.href, pool: 1, tls: 'off' }, new SystemClock(), PATIENCE);
    const lock = "CONCAT('flow-automation.schema.', MD5(?))";
    await database.query(`SELECT GET_LOCK(${lock}, 0)`, [database.name]);
    try {
      await expect(migrateMariaDb(pool, database.name, { lockWaitS: 1 })).rejects.toThrow(MigrationTaken);
      const waiting = migrateMariaDb(pool, database.name);
      await database.query(`SELECT RELEASE_LOCK(${lock})`, [database.name]);
      expect(await waiting).toEqual({ from: 0, to: NEWEST });
    } finally {
      await pool.close();
    }
  });
});
