import { AppError } from '@flow/kernel';

/** The disk of the data folder is full: what was asked for is not done. What was accepted before is kept and goes on by itself when there is space again. */
export class StorageFull extends AppError {
  readonly kind = 'storage_full';
  readonly code = 'storage.full';
  override readonly retryAfterMs = 5_000;
  constructor(cause: unknown) {
    super(
      'The disk of the data folder is full: nothing of this was kept. What was accepted before goes on when there is space again.',
      {},
      { cause },
    );
  }
}

/** The disk of the data folder answers with an error: whether what was asked for is kept is not known. Ask again under the same Idempotency-Key. */
export class StorageUnavailable extends AppError {
  readonly kind = 'unavailable';
  readonly code = 'storage.unavailable';
  override readonly retryAfterMs = 5_000;
  constructor(cause: unknown) {
    super(
      'The disk of the data folder answers with an error. What was accepted goes on when it works again; see the log.',
      {},
      { cause },
    );
  }
}
