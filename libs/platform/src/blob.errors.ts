import { AppError } from '@flow/kernel';

export class BlobTooLarge extends AppError {
  readonly kind = 'too_large';
  readonly code = 'blob.too_large';
  constructor(readonly limitBytes: number) {
    super(`The value is larger than ${limitBytes} bytes.`, { limitBytes });
  }
}

export class BlobMissing extends AppError {
  readonly kind = 'not_found';
  readonly code = 'blob.missing';
  constructor(sha256: string) {
    super(`The large value ${sha256} is not in the blob store: it was deleted, or a backup without it was restored.`, {
      sha256,
    });
  }
}

export class BlobDamaged extends AppError {
  readonly kind = 'internal';
  readonly code = 'blob.damaged';
  constructor(sha256: string) {
    super(`The large value ${sha256} is damaged on the disk: restore the blobs folder from a backup.`, { sha256 });
  }
}
