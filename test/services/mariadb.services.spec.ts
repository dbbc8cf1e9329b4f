import { createPool, type Pool, type ResultSetHeader, type RowDataPacket } from 'mysql2/promise';
import { randomBytes } from 'node:crypto';
import { addressOf } from './addresses';

describe('The relational server', () => {
  const name = `probe_${randomBytes(6).toString('hex')}`;
  let pool: Pool;

  beforeAll(async () => {
    pool = createPool({ uri: addressOf('mariadb'), connectionLimit: 20 });
    await pool.query(`CREATE DATABASE ${name} CHARACTER SET utf8mb4`);
    await pool.query(
      `CREATE TABLE ${name}.things (id INT PRIMARY KEY, name VARCHAR(50) NOT NULL UNIQUE, epoch INT NOT NULL) ENGINE=InnoDB`,
    );
  });
  afterAll(async () => {
    await pool.query(`DROP DATABASE ${name}`);
    await pool.end();
  });
  beforeEach(() => pool.query(`DELETE FROM ${name}.things`));

  it('keeps what is written, and any letter of it', async () => {
    await pool.execute(`INSERT INTO ${name}.things VALUES (?, ?, ?)`, [1, 'ä☃😀', 1]);
    const [rows] = await pool.execute<RowDataPacket[]>(`SELECT * FROM ${name}.things`);
    expect(rows).toEqual([{ id: 1, name: 'ä☃😀', epoch: 1 }]);
    await expect(pool.execute(`INSERT INTO ${name}.things VALUES (2, 'ä☃😀', 1)`)).rejects.toMatchObject({
      code: 'ER_DUP_ENTRY',
    });
    await expect(pool.execute(`INSERT INTO ${name}.things VALUES (3, ?, 1)`, ['x'.repeat(51)])).rejects.toMatchObject({
      code: 'ER_DATA_TOO_LONG',
    });
  });

  it('undoes a transaction that is rolled back, and shows it to nobody before', async () => {
    const connection = await pool.getConnection();
    try {
      await connection.beginTransaction();
      await connection.execute(`INSERT INTO ${name}.things VALUES (1, 'a', 1)`);
      expect((await pool.query(`SELECT * FROM ${name}.things`))[0]).toEqual([]);
      await connection.rollback();
    } finally {
      connection.release();
    }
    expect((await pool.query(`SELECT * FROM ${name}.things`))[0]).toEqual([]);
  });

  it('lets exactly one of 20 racing conditional updates win', async () => {
    await pool.execute(`INSERT INTO ${name}.things VALUES (1, 'a', 1)`);
    const results = await Promise.all(
      Array.from({ length: 20 }, () =>
        pool.execute<ResultSetHeader>(`UPDATE ${name}.things SET epoch = epoch + 1 WHERE id = 1 AND epoch = 1`),
      ),
    );
    expect(results.map(([{ affectedRows }]) => affectedRows).sort()).toEqual([...Array<number>(19).fill(0), 1]);
  });

  it('is strict, and flushes each commit', async () => {
    const [[row]] = await pool.query<RowDataPacket[]>(
      'SELECT @@GLOBAL.sql_mode AS mode, @@GLOBAL.innodb_flush_log_at_trx_commit AS flushes',
    );
    expect(row).toEqual({ mode: expect.stringContaining('STRICT_TRANS_TABLES') as string, flushes: 1 });
  });
});
