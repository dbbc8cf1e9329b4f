import { Database, migrate, type Migration } from '@flow/adapters/sqlite';
import { join } from 'node:path';
import { AUDIT_JOURNAL_SCHEMA } from './audit-journal.schema';
import { DAG_FACTS_SCHEMA } from './dag-facts.schema';
import { DAG_SECRETS_SCHEMA, fillDagSecrets } from './dag-secrets';
import { DAGS_SCHEMA } from './dags.schema';
import { DELIVERIES_SCHEMA } from './deliveries.schema';
import { IDEMPOTENCY_SCHEMA } from './idempotency.schema';
import { DEBUG_RUNS_SCHEMA } from './debug-runs.schema';
import { EVENTS_SCHEMA } from './events.schema';
import { INSTALLATION_SCHEMA } from './installation.schema';
import { INSTANCE_COUNTS_SCHEMA } from './instance-counts.schema';
import { INSTANCES_ASKING_SCHEMA } from './instances-asking.schema';
import { INSTANCES_SCHEMA } from './instances.schema';
import { LISTS_SCHEMA } from './lists.schema';
import { PARKING_SCHEMA } from './parking.schema';
import { RETENTION_SCHEMA } from './retention.schema';
import { SHORT_RUNS_SCHEMA } from './short-runs.schema';
import { SLOTS_SCHEMA } from './slots.schema';
import { TASK_LOG_SCHEMA } from './task-log.schema';
import { TRACING_SCHEMA } from './tracing.schema';

export const DOCUMENTS_FILE = 'documents.db';

/** A file of an older version that is no larger is made one that shrinks when it is opened: a fifth of a second. */
const SMALL = 16 * 1024 * 1024;

/** Every step that `documents.db` went through; each is kept as it was once a release carried it. */
export const DOCUMENT_MIGRATIONS: readonly Migration[] = [
  { version: 1, sql: [DAGS_SCHEMA, INSTANCES_SCHEMA, IDEMPOTENCY_SCHEMA].join('\n') },
  { version: 2, sql: DAG_SECRETS_SCHEMA, fill: fillDagSecrets },
  { version: 3, sql: TASK_LOG_SCHEMA },
  { version: 4, sql: INSTANCES_ASKING_SCHEMA },
  { version: 5, sql: DEBUG_RUNS_SCHEMA },
  { version: 6, sql: PARKING_SCHEMA },
  { version: 7, sql: DELIVERIES_SCHEMA },
  { version: 8, sql: RETENTION_SCHEMA },
  { version: 9, sql: SHORT_RUNS_SCHEMA },
  { version: 10, sql: LISTS_SCHEMA },
  { version: 11, sql: SLOTS_SCHEMA },
  { version: 12, sql: EVENTS_SCHEMA },
  { version: 13, sql: TRACING_SCHEMA },
  { version: 14, sql: DAG_FACTS_SCHEMA },
  { version: 15, sql: INSTALLATION_SCHEMA },
  { version: 16, sql: AUDIT_JOURNAL_SCHEMA },
  { version: 17, sql: INSTANCE_COUNTS_SCHEMA },
];

/** Opens `documents.db` in the data folder, made or brought up to date. Throws SchemaTooNew for a newer build's file. */
export function openDocuments(dataDir: string): Database {
  const db = Database.open(join(dataDir, DOCUMENTS_FILE));
  try {
    migrate(db, DOCUMENT_MIGRATIONS);
    const { pages, pageBytes, shrinks } = db.space();
    if (!shrinks && pages * pageBytes <= SMALL) db.compact();
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}
