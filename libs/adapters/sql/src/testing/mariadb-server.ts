import { randomBytes } from 'node:crypto';
import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise';
import { ENTITIES } from '@flow/adapters/sql';
import { SystemClock, SystemRandom } from '@flow/platform';
import { PATIENCE, type Patience } from '../mariadb.patience';
import { MariaDbRelational } from '../relational.mariadb';

type Row = Record<string, unknown>;

/** A database of its own on the server of TEST_MARIADB_URL, whose user may make databases and users, and look after the server. */
export class TestDatabase {
  private readonly users: string[] = [];

  private constructor(
    readonly url: URL,
    readonly admin: Connection,
  ) {}

  static async make(): Promise<TestDatabase> {
    const given = process.env.TEST_MARIADB_URL;
    if (!given) throw new Error('Set TEST_MARIADB_URL to a MariaDB whose user may make databases and users.');
    const url = new URL(given);
    url.pathname = `flow_test_${randomBytes(8).toString('hex')}`;
    const { hostname, port, username, password } = url;
    const admin = await createConnection({
      host: hostname,
      port: Number(port || 3306),
      user: decodeURIComponent(username),
      password: decodeURIComponent(password),
    });
    const database = new TestDatabase(url, admin);
    await database.query(`CREATE DATABASE ${database.name}`);
    await database.query(`USE ${database.name}`);
    return database;
  }

  get name(): string {
    return this.url.pathname.slice(1);
  }

  async query(sql: string, values: readonly unknown[] = []): Promise<Row[]> {
    const [rows] = await this.admin.query<RowDataPacket[]>(sql, [...values]);
    return Array.isArray(rows) ? rows.map((row) => ({ ...row })) : [];
  }

  open(
    options: { url?: URL; pool?: number; tls?: string; patience?: Partial<Patience> } = {},
  ): Promise<MariaDbRelational> {
    const { url = this.url, pool = 5, tls = 'off', patience } = options;
    return MariaDbRelational.open({ url: url.href, pool, tls }, ENTITIES, {
      clock: new SystemClock(),
      random: new SystemRandom(),
      patience: { ...PATIENCE, ...patience },
    });
  }

  /** The address for a user who may do this in the database, and nothing else. */
  async userWho(rights: string): Promise<URL> {
    const user = `u_${randomBytes(6).toString('hex')}`;
    const password = `hidden@${randomBytes(6).toString('hex')}`;
    await this.query(`CREATE USER ${user}@'%' IDENTIFIED BY '${password}'`);
    this.users.push(user);
    await this.query(`GRANT ${rights} ON ${this.name}.* TO ${user}@'%'`);
    const url = new URL(this.url);
    url.username = user;
    url.password = encodeURIComponent(password);
    return url;
  }

  /** Connections of others to this database. */
  async connections(): Promise<number[]> {
    const rows = await this.query(
      'SELECT id FROM information_schema.processlist WHERE db = ? AND id <> CONNECTION_ID()',
      [this.name],
    );
    return rows.map(({ id }) => Number(id));
  }

  async dump(): Promise<Record<string, Row[]>> {
    const tables = await this.query(
      "SELECT table_name AS name, LEAST(COUNT(*), 3) AS columns FROM information_schema.columns WHERE table_schema = ? AND table_name <> 'schema_migrations' GROUP BY 1 ORDER BY 1",
      [this.name],
    );
    const rows: Record<string, Row[]> = {};
    for (const { name, columns } of tables) {
      const order = Array.from({ length: Number(columns) }, (_, i) => i + 1).join(', ');
      rows[String(name)] = await this.query(`SELECT * FROM ${String(name)} ORDER BY ${order}`);
    }
    return rows;
  }

  async remove(): Promise<void> {
    for (const user of this.users) await this.query(`DROP USER IF EXISTS ${user}@'%'`);
    await this.query(`DROP DATABASE IF EXISTS ${this.name}`);
    await this.admin.end();
  }
}
