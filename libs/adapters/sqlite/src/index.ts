export {
  Database,
  DatabaseDamaged,
  FolderLock,
  SchemaTooNew,
  ValueNotStorable,
  WriteUnnamed,
  checkStorable,
  isDiskFull,
  isUniqueViolation,
  migrate,
  type DatabaseSpace,
  type Migration,
  type Row,
  type SqlValue,
  type Statement,
} from './database';
export { WriteTurn } from './write-turn';
