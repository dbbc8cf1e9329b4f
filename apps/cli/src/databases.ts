import { DOCUMENTS, type FolderDatabase } from '@flow/adapters/embedded';
import { RELATIONAL } from '@flow/adapters/sql';

/** Every database of a data folder. */
export const DATABASES: readonly FolderDatabase[] = [DOCUMENTS, RELATIONAL];
