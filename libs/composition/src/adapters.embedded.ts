import {
  BLOBS_FOLDER,
  FileBlobStore,
  DOCUMENTS_FILE,
  HotWritesChoice,
  LOCK_FILE,
  SqliteAuditJournal,
  SqliteDagOutbox,
  SqliteDagStore,
  SqliteDeliveryStore,
  SqliteDiskSpace,
  SqliteEndedInstances,
  SqliteInstanceCounts,
  SqliteEventOutbox,
  SqliteIdempotencyStore,
  SqliteInstallationMark,
  SqliteInstanceStore,
  SqliteSlotStore,
  SqliteTaskLog,
  SqliteWebhookSecretStore,
  SqliteWorkerLog,
  openDocuments,
} from '@flow/adapters/embedded';
import {
  ENTITIES,
  RELATIONAL_FILE,
  SqlAuditStore,
  SqlDomainQuotas,
  SqlDomainRetentions,
  SqlFileStore,
  SqlFiringStore,
  SqlSavedInputStore,
  SqlSecretStore,
  SqlTokenStore,
  SqlTriggerStore,
  SqlVariableStore,
  SqliteRelational,
} from '@flow/adapters/sql';
import { FolderLock, type Database } from '@flow/adapters/sqlite';
import { AppError, IdGenerator } from '@flow/kernel';
import { StoresMixed, SystemClock, SystemRandom, agreeOnInstallation, type StoreNames } from '@flow/platform';
import { accessSync, constants, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Stores } from './stores';

export class DataFolderTaken extends AppError {
  readonly kind = 'conflict';
  readonly code = 'folder.taken';
  constructor(dataDir: string) {
    super(`Another process uses the data folder ${dataDir}. Stop it first, or set DATA_DIR to another folder.`, {
      dataDir,
    });
  }
}

export class DataFolderUnusable extends AppError {
  readonly kind = 'unavailable';
  readonly code = 'folder.unusable';
  constructor(dataDir: string, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause);
    super(`The data folder ${dataDir} cannot be used: ${why}. Set DATA_DIR to another folder.`, { dataDir }, { cause });
  }
}

/**
 * Every store in the data folder. `onThreadLost`: what was written in a thread is written in this one from then on.
 * @throws DataFolderTaken, DataFolderUnusable, StoresMixed
 */
export async function openEmbedded(
  dataDir: string,
  onThreadLost: (error: unknown) => void = () => undefined,
): Promise<Stores> {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    accessSync(dataDir, constants.W_OK);
  } catch (error) {
    throw new DataFolderUnusable(dataDir, error);
  }
  const lock = FolderLock.acquire(join(dataDir, LOCK_FILE));
  if (!lock) throw new DataFolderTaken(dataDir);
  const { documents, relational } = await openDatabases(dataDir).catch((error: unknown) => {
    lock.release();
    throw error;
  });
  const writes = new HotWritesChoice(documents, { onThreadLost });
  const dagOutbox = new SqliteDagOutbox(documents);
  return {
    dags: new SqliteDagStore(documents, dagOutbox),
    dagOutbox,
    instances: new SqliteInstanceStore(documents, writes),
    slots: new SqliteSlotStore(documents),
    ended: new SqliteEndedInstances(documents),
    counts: new SqliteInstanceCounts(documents),
    space: new SqliteDiskSpace(documents),
    log: new SqliteWorkerLog(documents, writes),
    blobs: new FileBlobStore(dataDir),
    taskLog: new SqliteTaskLog(documents),
    idempotency: new SqliteIdempotencyStore(documents),
    deliveries: new SqliteDeliveryStore(documents),
    webhookSecrets: new SqliteWebhookSecretStore(documents),
    events: new SqliteEventOutbox(documents),
    auditJournal: new SqliteAuditJournal(documents, writes),
    audit: new SqlAuditStore(relational),
    tokens: new SqlTokenStore(relational),
    secrets: new SqlSecretStore(relational),
    variables: new SqlVariableStore(relational),
    triggers: new SqlTriggerStore(relational),
    firings: new SqlFiringStore(relational),
    files: new SqlFileStore(relational),
    savedInputs: new SqlSavedInputStore(relational),
    domainQuotas: new SqlDomainQuotas(relational),
    domainRetentions: new SqlDomainRetentions(relational),
    /** What is where, for the start's banner. */
    places: [
      { holds: 'DAGs, instances, logs', at: `${documents.file} (embedded)` },
      { holds: 'large values', at: `${join(dataDir, BLOBS_FOLDER)} (embedded)` },
      { holds: 'tokens, secrets, variables, triggers', at: `${join(dataDir, 'relational.db')} (embedded)` },
    ],
    async close() {
      await relational.close();
      await writes.close();
      documents.close();
      lock.release();
    },
  };
}

interface Databases {
  readonly documents: Database;
  readonly relational: SqliteRelational;
}

/** Both files, of one installation. @throws StoresMixed */
async function openDatabases(dataDir: string): Promise<Databases> {
  const names = { documents: join(dataDir, DOCUMENTS_FILE), relational: join(dataDir, RELATIONAL_FILE) };
  const hadRelational = existsSync(names.relational);
  // A first start makes it first.
  if (hadRelational && !existsSync(names.documents)) throw missing('documents', names);
  const documents = openDocuments(dataDir);
  try {
    const mark = new SqliteInstallationMark(documents);
    if (!hadRelational && (await mark.use()) === 'used') throw missing('relational', names);
    const relational = SqliteRelational.open(dataDir, ENTITIES);
    try {
      const ids = new IdGenerator(new SystemClock(), new SystemRandom());
      await agreeOnInstallation({ documents: mark, relational: relational.installation(), names }, () => ids.next());
      return { documents, relational };
    } catch (error) {
      await relational.close();
      throw error;
    }
  } catch (error) {
    documents.close();
    throw error;
  }
}

/** Put back, or restored from a backup with the other one. */
function missing(what: keyof StoreNames, names: StoreNames): StoresMixed {
  return new StoresMixed(`${names[what]} is missing beside data of this service.`, names);
}
