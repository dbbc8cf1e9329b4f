export {
  Database,
  FolderLock,
  SchemaTooNew,
  isDiskFull,
  isUniqueViolation,
  migrate,
  type Migration,
  type Row,
  type SqlValue,
} from './database';
