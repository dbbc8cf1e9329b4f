export {
  Database,
  FolderLock,
  SchemaTooNew,
  ValueNotStorable,
  WriteUnnamed,
  isDiskFull,
  isUniqueViolation,
  migrate,
  type Migration,
  type Row,
  type SqlValue,
  type Statement,
} from './database';
