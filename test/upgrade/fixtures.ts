import { DOCUMENTS, DOCUMENTS_FILE } from '@flow/adapters/embedded';
import { RELATIONAL, RELATIONAL_FILE } from '@flow/adapters/sql';
import { Database, migrate, type Row } from '@flow/adapters/sqlite';
import { SNAPSHOT_SCHEMA } from '@flow/engine';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Made } from './runs';

const FOLDER = join(__dirname, 'fixtures');

type Rows = Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;

/** What a version of the service has left, as it stood in its stores. */
export interface Fixture {
  readonly plane: 'embedded' | 'mongo';
  /** Of the states of runs in it. */
  readonly snapshotSchema: number;
  readonly made: Made;
  /** Tables of `documents.db` with their schema, or collections. */
  readonly documents: { readonly schema: number; readonly rows: Rows };
  readonly relational: { readonly schema: number; readonly rows: Rows };
}

const nameOf = ({ plane, snapshotSchema }: Pick<Fixture, 'plane' | 'snapshotSchema'>) =>
  `${plane}.${snapshotSchema}.json`;

/** One file for each schema of states that there was. */
export function fixturesOf(plane: Fixture['plane']): readonly Fixture[] {
  return readdirSync(FOLDER)
    .filter((name) => name.startsWith(`${plane}.`))
    .map((name) => JSON.parse(readFileSync(join(FOLDER, name), 'utf8')) as Fixture);
}

export function keep(fixture: Omit<Fixture, 'snapshotSchema'>): string {
  const whole = { snapshotSchema: SNAPSHOT_SCHEMA, ...fixture };
  const file = join(FOLDER, nameOf(whole));
  writeFileSync(file, `${JSON.stringify(whole, null, 1)}\n`);
  return file;
}

const DATABASES = { documents: DOCUMENTS, relational: RELATIONAL } as const;
const TABLES = `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'dag_titles_%' ORDER BY rowid`;

/** A folder that nobody serves. */
export function folderIn(dataDir: string): Pick<Fixture, 'documents' | 'relational'> {
  const read = (file: string) => {
    const db = Database.open(join(dataDir, file), { readOnly: true });
    const names = db.all(TABLES).map(({ name }) => String(name));
    // The full-text index has its rows by number.
    const columns = (name: string) => (name === 'dag_titles' ? 'rowid, *' : '*');
    const rows = Object.fromEntries(names.map((name) => [name, db.all(`SELECT ${columns(name)} FROM ${name}`)]));
    const schema = db.schemaVersion();
    db.close();
    return { schema, rows };
  };
  return { documents: read(DOCUMENTS_FILE), relational: read(RELATIONAL_FILE) };
}

/** The folder as it was, by the schema that it had. */
export function putFolder(dataDir: string, fixture: Fixture): void {
  for (const [part, { file, migrations }] of Object.entries(DATABASES)) {
    const { schema, rows } = fixture[part as keyof typeof DATABASES];
    const db = Database.open(join(dataDir, file));
    migrate(
      db,
      migrations.filter(({ version }) => version <= schema),
    );
    db.transaction('test.put', () => {
      for (const [table, all] of Object.entries(rows)) for (const row of all) insert(db, table, row as Row);
    });
    db.close();
  }
}

function insert(db: Database, table: string, row: Row): void {
  const names = Object.keys(row);
  const places = names.map(() => '?').join(', ');
  db.run(`INSERT INTO ${table} (${names.join(', ')}) VALUES (${places})`, ...Object.values(row));
}
