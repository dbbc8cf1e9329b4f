import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { FailpointHit, StorageFull, armFailpoint } from '@flow/platform';
import {
  Database,
  DatabaseDamaged,
  FolderLock,
  SchemaTooNew,
  ValueNotStorable,
  WriteUnnamed,
  isUniqueViolation,
  migrate,
  type SqlValue,
} from '@flow/adapters/sqlite';
import { runScript, startScript } from './testing';

const folder = mkdtempSync(join(tmpdir(), 'door-'));
let files = 0;
let opened: Database[] = [];

function open(file = join(folder, `${(files += 1)}.db`)): Database {
  const db = Database.open(file);
  opened.push(db);
  return db;
}

function withTable(): Database {
  const db = open();
  db.exec('CREATE TABLE t (id INTEGER PRIMARY KEY, value TEXT UNIQUE)');
  return db;
}

const values = (db: Database) => db.all('SELECT value FROM t ORDER BY id').map(({ value }) => value);
const insert = (db: Database, value: SqlValue) => db.write('t.insert', 'INSERT INTO t (value) VALUES (?)', value);

afterEach(() => {
  armFailpoint(undefined);
  for (const db of opened) db.close();
  opened = [];
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('Database', () => {
  it('commits to the disk before it returns', () => {
    const db = open();
    expect(db.get('PRAGMA journal_mode')).toEqual({ journal_mode: 'wal' });
    expect(db.get('PRAGMA synchronous')).toEqual({ synchronous: 2 });
    expect(db.get('PRAGMA foreign_keys')).toEqual({ foreign_keys: 1 });
  });

  it('says that the disk is full, keeps nothing of what did not fit, and goes on when there is space', () => {
    const db = withTable();
    db.exec('PRAGMA max_page_count = 1');
    const long = 'x'.repeat(20_000);
    const within = () => {
      db.transaction('t.fill', () => {
        db.run('INSERT INTO t (value) VALUES (?)', 'short');
        db.get('INSERT INTO t (value) VALUES (?) RETURNING id', long);
      });
    };
    expect(() => insert(db, long)).toThrow(StorageFull);
    expect(within).toThrow(StorageFull);
    expect(values(db)).toEqual([]);
    db.exec('PRAGMA max_page_count = 1000');
    within();
    expect(values(db)).toEqual(['short', long]);
  });

  it.each<[string, SqlValue]>([
    ['null', null],
    ['an integer', 42],
    ['the largest exact integer', Number.MAX_SAFE_INTEGER],
    ['a fraction', -0.1],
    ['empty text', ''],
    ['text beyond the first plane', 'Ümläut 🙂 \u{10ffff} \u0001'],
    ['bytes', new Uint8Array([0, 255, 0])],
  ])('gives back %s as it was', (_what, value) => {
    const db = open();
    db.exec('CREATE TABLE any_value (value)');
    db.write('t.insert', 'INSERT INTO any_value VALUES (?)', value);
    expect(db.get('SELECT value FROM any_value')?.value).toEqual(value);
  });

  it.each([
    ['U+0000', 'a\u0000b'],
    ['a lone surrogate', 'a\ud800'],
  ])('refuses text with %s, which a column would not give back', (_what, text) => {
    const db = withTable();
    expect(() => insert(db, text)).toThrow(ValueNotStorable);
    expect(values(db)).toEqual([]);
  });

  it.each([
    ['a boolean', true],
    ['an object', { a: 1 }],
    ['a date', new Date()],
    ['undefined', undefined],
    ['NaN', NaN],
    ['a list', ['a']],
  ])('refuses %s', (_what, value) => {
    const db = withTable();
    expect(() => insert(db, value as never)).toThrow(ValueNotStorable);
    expect(values(db)).toEqual([]);
  });

  it.each([
    'INSERT INTO t (value) VALUES (1)',
    'update t set value = 1',
    ' DELETE FROM t',
    'REPLACE INTO t (value) VALUES (1)',
  ])('refuses a write that has no name and so no failpoint: %s', (sql) => {
    const db = withTable();
    expect(() => db.run(sql)).toThrow(WriteUnnamed);
    expect(() => db.get(`${sql} RETURNING id`)).toThrow(WriteUnnamed);
    expect(() => db.all(`${sql} RETURNING id`)).toThrow(WriteUnnamed);
    db.transaction('t.any', () => db.run(sql));
  });

  it('keeps all of a transaction or nothing', () => {
    const db = withTable();
    const two = () =>
      db.transaction('t.two', () => {
        db.run("INSERT INTO t (value) VALUES ('a')");
        db.run("INSERT INTO t (value) VALUES ('a')");
      });
    expect(two).toThrow();
    expect(values(db)).toEqual([]);
    expect(() => db.run("INSERT INTO t (value) VALUES ('a')")).toThrow(WriteUnnamed);
  });

  it('tells a unique violation from other faults', () => {
    const db = withTable();
    insert(db, 'a');
    const faults = ['a', {} as never].map((value) => {
      try {
        return insert(db, value);
      } catch (error) {
        return isUniqueViolation(error);
      }
    });
    expect(faults).toEqual([true, false]);
  });

  it.each([
    ['t.insert.before', []],
    ['t.insert.after', ['a']],
  ])('fails a single write at %s with what had been done by then', (point, left) => {
    const db = withTable();
    armFailpoint(`${point}:throw`);
    expect(() => insert(db, 'a')).toThrow(FailpointHit);
    expect(values(db)).toEqual(left);
  });

  it.each([
    ['t.one.before', []],
    ['t.one.commit', []],
    ['t.one.after', ['a']],
  ])('fails a transaction at %s with what had been done by then', (point, left) => {
    const db = withTable();
    armFailpoint(`${point}:throw`);
    expect(() => db.transaction('t.one', () => db.run("INSERT INTO t (value) VALUES ('a')"))).toThrow(FailpointHit);
    expect(values(db)).toEqual(left);
    insert(db, 'b');
  });

  it('copies itself while it is in use', () => {
    const db = withTable();
    insert(db, 'a');
    const copy = join(folder, 'copy.db');
    db.copyTo(copy);
    insert(db, 'b');
    expect(values(open(copy))).toEqual(['a']);
  });

  it('finds no fault in a sound file and opens no file that is none', () => {
    expect(withTable().integrityFaults()).toEqual([]);
    const file = join(folder, 'none.db');
    writeFileSync(file, 'this is no database, however long it may go on'.repeat(50));
    expect(() => open(file)).toThrow();
  });
});

describe('files and folders that are made', () => {
  it('can be read by their owner alone, whatever the umask', () => {
    const place = join(folder, 'new', 'place');
    const before = process.umask(0);
    try {
      const lock = FolderLock.acquire(join(place, 'lock.db'));
      const db = open(join(place, 'some.db'));
      db.exec('CREATE TABLE t (id INTEGER)');
      const modeOf = (name: string) => (statSync(join(place, name)).mode & 0o777).toString(8);
      expect(modeOf('.')).toBe('700');
      expect(readdirSync(place)).toEqual(expect.arrayContaining(['lock.db', 'some.db', 'some.db-wal', 'some.db-shm']));
      for (const name of readdirSync(place)) expect([name, modeOf(name)]).toEqual([name, '600']);
      lock?.release();
    } finally {
      process.umask(before);
    }
  });
});

describe('migrate', () => {
  const steps = [
    { version: 1, sql: 'CREATE TABLE a (x)' },
    { version: 2, sql: 'CREATE TABLE b (x)' },
  ];

  it('runs each step once, in order', () => {
    const db = open();
    migrate(db, steps.slice(0, 1));
    migrate(db, steps);
    migrate(db, steps);
    expect(db.schemaVersion()).toBe(2);
  });

  it('leaves a step that fails undone as a whole', () => {
    const db = open();
    expect(() => migrate(db, [{ version: 1, sql: 'CREATE TABLE a (x); CREATE TABLE a (x)' }])).toThrow();
    expect(db.schemaVersion()).toBe(0);
    migrate(db, steps);
    expect(db.schemaVersion()).toBe(2);
  });

  it("refuses a newer build's file and changes nothing", () => {
    const db = open();
    migrate(db, steps);
    expect(() => migrate(db, steps.slice(0, 1))).toThrow(SchemaTooNew);
    expect(db.schemaVersion()).toBe(2);
  });
});

describe('FolderLock', () => {
  const script = join(__dirname, 'testing', 'hold-folder.ts');

  it('refuses a second process at once, and is free again after kill -9', async () => {
    const file = join(folder, 'a', 'lock.db');
    const holder = startScript(script, [file]);
    await once(holder.stdout, 'data');
    expect(FolderLock.acquire(file)).toBeUndefined();
    expect(FolderLock.isHeld(file)).toBe(true);
    expect(runScript(script, [file]).stdout).toBe('refused\n');
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    const lock = FolderLock.acquire(file);
    expect(lock).toBeDefined();
    lock?.release();
  });

  it('keeps other processes out as long as it is held here', async () => {
    const file = join(folder, 'b', 'lock.db');
    const lock = FolderLock.acquire(file);
    expect(runScript(script, [file]).stdout).toBe('refused\n');
    lock?.release();
    expect(FolderLock.isHeld(file)).toBe(false);
    const next = startScript(script, [file]);
    const [said] = (await once(next.stdout, 'data')) as [Buffer];
    expect(said.toString()).toBe('held\n');
    next.stdin.end();
    await once(next, 'exit');
  });
});

describe('A file that was closed', () => {
  it('holds everything itself: nothing is left in the log beside it', () => {
    const db = withTable();
    db.write('t.add', 'INSERT INTO t (value) VALUES (?)', 'kept');
    const before = statSync(db.file).size;
    db.close();
    expect(statSync(db.file).size).toBeGreaterThan(before);
    const wal = `${db.file}-wal`;
    expect(readdirSync(folder).includes(basename(wal)) ? statSync(wal).size : 0).toBe(0);
  });

  it('is told damaged by name when it is no database any more, as is a lock', () => {
    const file = join(folder, `${(files += 1)}.db`);
    writeFileSync(file, 'x'.repeat(8_192));
    expect(() => Database.open(file)).toThrow(DatabaseDamaged);
    expect(() => FolderLock.acquire(file)).toThrow(file);
  });
});
