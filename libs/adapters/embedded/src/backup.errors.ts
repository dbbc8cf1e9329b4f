import { AppError } from '@flow/kernel';

export class BackupRefused extends AppError {
  readonly kind = 'conflict';
  readonly code = 'backup.refused';
}

export class RestoreRefused extends AppError {
  readonly kind = 'conflict';
  readonly code = 'restore.refused';
}
