export {
  Database,
  FolderLock,
  SchemaTooNew,
  TextNotStorable,
  WriteUnnamed,
  isDiskFull,
  isUniqueViolation,
  migrate,
  type Migration,
  type Row,
  type SqlValue,
} from './database';
