import { AppError } from '@flow/kernel';

/** Commands are carried out faster than their records can be written, or these cannot be written at all. */
export class AuditBehind extends AppError {
  readonly kind = 'unavailable';
  readonly code = 'audit.behind';
  override readonly retryAfterMs = 1_000;
  constructor(waiting: number) {
    super(
      `${waiting} commands wait for their audit records; no further one is carried out until they stand. Look whether the relational store can be written.`,
      { waiting },
    );
  }
}
