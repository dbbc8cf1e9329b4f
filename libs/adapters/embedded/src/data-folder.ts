import type { Migration } from '@flow/adapters/sqlite';
import { DOCUMENTS_FILE, DOCUMENT_MIGRATIONS } from './documents.schema';

/** Its exclusive lock says that a process has the data folder. */
export const LOCK_FILE = 'lock.db';

/** A database of the data folder: its name there and the steps that this build knows. */
export interface FolderDatabase {
  readonly file: string;
  readonly migrations: readonly Migration[];
}

export const DOCUMENTS: FolderDatabase = { file: DOCUMENTS_FILE, migrations: DOCUMENT_MIGRATIONS };

export function newestSchema({ migrations }: FolderDatabase): number {
  return migrations.at(-1)?.version ?? 0;
}
