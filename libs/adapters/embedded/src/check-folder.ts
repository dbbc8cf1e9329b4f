import { accessSync, constants, existsSync, readdirSync, statSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { Database, FolderLock } from '@flow/adapters/sqlite';
import { KEY_FILE, keyFileFault } from '@flow/secrets';
import { BLOBS_FOLDER, blobFiles, isBlobFile } from './blob-store.files';
import { LOCK_FILE, newestSchema, type FolderDatabase } from './data-folder';
import { UNFINISHED } from './restore';

const MIB = 1024 * 1024;
const LITTLE_SPACE = 1024 * MIB;
const NO_SPACE = 100 * MIB;

/** One line of `flowctl doctor`: a warning can wait, a fault keeps the service from working. */
export interface FolderCheck {
  readonly about: string;
  readonly state: 'ok' | 'warning' | 'fault';
  readonly message: string;
}

/** Looks at a data folder, in use or not, and changes nothing in it. `ownKeys`: SECRETS_KEY is set, so no key file is needed. */
export function checkFolder(
  dataDir: string,
  databases: readonly FolderDatabase[],
  options: { readonly ownKeys?: boolean } = {},
): FolderCheck[] {
  if (!existsSync(dataDir)) return [warning('folder', `${dataDir} does not exist yet; the first start makes it.`)];
  return [
    checkAccess(dataDir),
    checkSpace(dataDir),
    FolderLock.isHeld(join(dataDir, LOCK_FILE))
      ? ok('lock', 'A process has the folder.')
      : ok('lock', 'No process has the folder.'),
    ...databases.map((database) => checkDatabase(dataDir, database)),
    ...checkInstallation(dataDir, databases),
    checkKeys(dataDir, options.ownKeys ?? false, databases),
    checkBlobs(dataDir),
    ...checkLeftovers(dataDir),
  ];
}

function checkAccess(dataDir: string): FolderCheck {
  try {
    accessSync(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
    return ok('folder', `${dataDir} can be read and written.`);
  } catch {
    return fault('folder', `${dataDir} cannot be read and written by this user.`);
  }
}

function checkSpace(dataDir: string): FolderCheck {
  const { bavail, bsize } = statfsSync(dataDir);
  const free = bavail * bsize;
  const message = `${Math.floor(free / MIB)} MiB are free.`;
  if (free < NO_SPACE) return fault('space', `${message} The service refuses work on a full disk.`);
  return free < LITTLE_SPACE ? warning('space', message) : ok('space', message);
}

function checkDatabase(dataDir: string, database: FolderDatabase): FolderCheck {
  const about = database.file;
  const file = join(dataDir, about);
  if (!existsSync(file)) return warning(about, 'It does not exist yet; the first start makes it.');
  // Without a log beside it nobody has it open, and reading it as it lies leaves no files behind.
  const frozen = !existsSync(`${file}-wal`);
  const found = inspect(database, file, frozen);
  const wasOpenedMeanwhile = frozen && found.state === 'fault' && existsSync(`${file}-wal`);
  return wasOpenedMeanwhile ? inspect(database, file, false) : found;
}

function inspect(database: FolderDatabase, file: string, frozen: boolean): FolderCheck {
  const about = database.file;
  try {
    const db = Database.open(file, { readOnly: true, frozen });
    try {
      const schema = db.schemaVersion();
      const known = newestSchema(database);
      if (schema > known)
        return fault(about, `Schema ${schema} was written by a newer version; this one knows ${known}.`);
      const faults = db.integrityFaults();
      if (faults.length > 0)
        return fault(about, `It is damaged (${faults[0] ?? ''}); restore a backup. Faults found: ${faults.length}.`);
      return schema < known
        ? ok(about, `Sound; schema ${schema}, the next start brings it to ${known}.`)
        : ok(about, `Sound; schema ${schema}.`);
    } finally {
      db.close();
    }
  } catch (error) {
    return fault(about, `It cannot be read: ${error instanceof Error ? error.message : String(error)}.`);
  }
}

/** That all files are of one installation; the next start brings those of before there were any to one. */
function checkInstallation(dataDir: string, databases: readonly FolderDatabase[]): FolderCheck[] {
  const about = 'installation';
  const ids = databases.flatMap(({ file }) => {
    const id = installationIn(join(dataDir, file));
    return id === undefined ? [] : [{ file, id }];
  });
  const first = ids.find(({ id }) => id !== null);
  if (!first) return [];
  const other = ids.find(({ id }) => id !== first.id);
  return other
    ? [fault(about, `${first.file} belongs to ${first.id}, and ${other.file} to ${other.id ?? 'none'}.`)]
    : [ok(about, `It is ${first.id}.`)];
}

/** Null where none is settled; undefined where the file cannot be read, which is told of the file itself. */
function installationIn(file: string): string | null | undefined {
  if (!existsSync(file)) return null;
  try {
    const db = Database.open(file, { readOnly: true, frozen: !existsSync(`${file}-wal`) });
    try {
      if (!db.get(`SELECT 1 FROM sqlite_master WHERE name = 'installation'`)) return null;
      const row = db.get('SELECT * FROM installation');
      return row && row.settled !== 0 ? String(row.id) : null;
    } finally {
      db.close();
    }
  } catch {
    return undefined;
  }
}

function checkKeys(dataDir: string, ownKeys: boolean, databases: readonly FolderDatabase[]): FolderCheck {
  const file = join(dataDir, KEY_FILE);
  if (ownKeys) return ok(KEY_FILE, 'Not used: SECRETS_KEY is set.');
  if (existsSync(file)) {
    const wrong = keyFileFault(file);
    return wrong ? fault(KEY_FILE, wrong) : ok(KEY_FILE, 'Only its owner can read it.');
  }
  return databases.some((database) => existsSync(join(dataDir, database.file)))
    ? warning(
        KEY_FILE,
        'It is missing: secrets that were stored with it cannot be read. A start without it makes a new one.',
      )
    : ok(KEY_FILE, 'The first start makes it.');
}

/** Names and sizes: what is in the files is checked whenever one is read. */
function checkBlobs(dataDir: string): FolderCheck {
  const files = blobFiles(dataDir);
  const strange = files.find((file) => !isBlobFile(file));
  if (strange !== undefined)
    return warning(BLOBS_FOLDER, `${strange} is no large value of this service; move it away.`);
  const bytes = files.reduce(
    (sum, file) => sum + (statSync(join(dataDir, file), { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
  return ok(BLOBS_FOLDER, `Large values: ${files.length}, together ${Math.ceil(bytes / MIB)} MiB.`);
}

function checkLeftovers(dataDir: string): FolderCheck[] {
  return [...readdirSync(dataDir), ...blobFiles(dataDir)]
    .filter((name) => name.endsWith(UNFINISHED))
    .map((name) => fault(name, 'A restore was interrupted: empty the folder and restore again.'));
}

const ok = (about: string, message: string): FolderCheck => ({ about, state: 'ok', message });
const warning = (about: string, message: string): FolderCheck => ({ about, state: 'warning', message });
const fault = (about: string, message: string): FolderCheck => ({ about, state: 'fault', message });
