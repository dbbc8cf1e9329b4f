import {
  BLOBS_FOLDER,
  FileBlobStore,
  HotWritesChoice,
  LOCK_FILE,
  SqliteDagOutbox,
  SqliteDagStore,
  SqliteDeliveryStore,
  SqliteDiskSpace,
  SqliteEndedInstances,
  SqliteEventOutbox,
  SqliteIdempotencyStore,
  SqliteInstanceStore,
  SqliteSlotStore,
  SqliteTaskLog,
  SqliteWebhookSecretStore,
  SqliteWorkerLog,
  openDocuments,
} from '@flow/adapters/embedded';
import {
  ENTITIES,
  SqlDomainQuotas,
  SqlDomainRetentions,
  SqlFiringStore,
  SqlSecretStore,
  SqlTokenStore,
  SqlTriggerStore,
  SqlVariableStore,
  SqliteRelational,
} from '@flow/adapters/sql';
import { FolderLock } from '@flow/adapters/sqlite';
import { AppError } from '@flow/kernel';
import { accessSync, constants, mkdirSync } from 'node:fs';
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
 * Every store in the data folder. `onThreadLost`: what was written in a thread is written in this one from then on. `keepsDagFacts`: somebody has to
 * hear of what becomes of DAGs.
 * @throws DataFolderTaken, DataFolderUnusable
 */
export function openEmbedded(
  dataDir: string,
  onThreadLost: (error: unknown) => void = () => undefined,
  keepsDagFacts = false,
): Stores {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    accessSync(dataDir, constants.W_OK);
  } catch (error) {
    throw new DataFolderUnusable(dataDir, error);
  }
  const lock = FolderLock.acquire(join(dataDir, LOCK_FILE));
  if (!lock) throw new DataFolderTaken(dataDir);
  const documents = openDocuments(dataDir);
  const writes = new HotWritesChoice(documents, { onThreadLost });
  const relational = SqliteRelational.open(dataDir, ENTITIES);
  const dagOutbox = keepsDagFacts ? new SqliteDagOutbox(documents) : undefined;
  return {
    dags: new SqliteDagStore(documents, dagOutbox),
    ...(dagOutbox && { dagOutbox }),
    instances: new SqliteInstanceStore(documents, writes),
    slots: new SqliteSlotStore(documents),
    ended: new SqliteEndedInstances(documents),
    space: new SqliteDiskSpace(documents),
    log: new SqliteWorkerLog(documents, writes),
    blobs: new FileBlobStore(dataDir),
    taskLog: new SqliteTaskLog(documents),
    idempotency: new SqliteIdempotencyStore(documents),
    deliveries: new SqliteDeliveryStore(documents),
    webhookSecrets: new SqliteWebhookSecretStore(documents),
    events: new SqliteEventOutbox(documents),
    tokens: new SqlTokenStore(relational),
    secrets: new SqlSecretStore(relational),
    variables: new SqlVariableStore(relational),
    triggers: new SqlTriggerStore(relational),
    firings: new SqlFiringStore(relational),
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
