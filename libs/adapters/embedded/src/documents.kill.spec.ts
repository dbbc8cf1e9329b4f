import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Database } from '@flow/adapters/sqlite';
import { runScript } from '@flow/testing/adapters/sqlite';
import { openDocuments } from './documents.schema';
import { documentSteps } from './testing/document-steps';

const SCRIPT = join(__dirname, 'testing', 'write-documents.ts');

/** Every write of the stores in this folder by its name, found in their sources. */
const writes = readdirSync(__dirname)
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'))
  .flatMap((file) => {
    const source = readFileSync(join(__dirname, file), 'utf8');
    const calls = source.matchAll(/\bdb\.(write|transaction|trim|exec)\(\s*(?:'([^']*)')?/g);
    return Array.from(calls, ([, call = '', name = '']) => ({ file, call, name }));
  });

const failpoints = [
  'schema.migrate.before',
  'schema.migrate.commit',
  'schema.migrate.after',
  ...writes.flatMap(({ call, name }) =>
    (call === 'write' ? ['before', 'after'] : ['before', 'commit', 'after']).map((moment) => `${name}.${moment}`),
  ),
];

function dump(db: Database): Record<string, string[]> {
  // Without what the full-text index keeps for itself.
  const tables = db.all("SELECT name FROM pragma_table_list WHERE type = 'table' AND name <> 'sqlite_schema'");
  const rowsOfTable = (table: string) => db.all(`SELECT * FROM "${table}"`).map((row) => JSON.stringify(row));
  return Object.fromEntries(tables.map(({ name }) => [String(name), rowsOfTable(String(name)).sort()]));
}

describe('writes to documents.db', () => {
  let folder: string;
  let opened: Database[] = [];
  const open = (name: string): Database => {
    const db = openDocuments(join(folder, name));
    opened.push(db);
    return db;
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'kill-'));
  });
  afterEach(() => {
    for (const db of opened) db.close();
    opened = [];
    rmSync(folder, { recursive: true, force: true });
  });

  it('each have a name of their own, noun.verb', () => {
    expect(writes.length).toBeGreaterThan(10);
    expect(writes.filter(({ name }) => !/^[a-z]+\.[a-z]+$/.test(name))).toEqual([]);
    expect(new Set(writes.map(({ name }) => name)).size).toBe(writes.length);
  });

  it.each(failpoints)('leave exactly what was acknowledged when the process is killed at %s', async (point) => {
    const child = runScript(SCRIPT, [join(folder, 'killed')], point);
    expect({ signal: child.signal, stderr: child.stderr }).toEqual({ signal: 'SIGKILL', stderr: '' });
    // Behind `after` the write that was under way is on disk, though nobody was told.
    const unanswered = point.endsWith('.after') && !point.startsWith('schema.') ? 1 : 0;
    const wanted = open('wanted');
    wanted.exec('PRAGMA synchronous = OFF');
    for (const takeStep of documentSteps(wanted).slice(0, child.stdout.length + unanswered)) await takeStep();
    const left = open('killed');
    expect(dump(left)).toEqual(dump(wanted));
    expect(left.integrityFaults()).toEqual([]);
  });

  it('are all taken when nothing happens', () => {
    const child = runScript(SCRIPT, [join(folder, 'whole')]);
    expect(child.stdout).toHaveLength(documentSteps(open('other')).length);
  });
});
