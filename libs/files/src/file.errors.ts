import { AppError, type Fault } from '@flow/kernel';

export class FileNotFound extends AppError {
  readonly kind = 'not_found';
  readonly code = 'file.not_found';
  constructor() {
    super("You have no file with this id: it was never uploaded, is another's, or its time is over.");
  }
}

export class FileTooLarge extends AppError {
  readonly kind = 'too_large';
  readonly code = 'file.too_large';
  constructor(limitBytes: number) {
    super(`The file is larger than ${limitBytes} bytes (FILE_LIMIT).`, { limitBytes });
  }
}

export class FileTypeRefused extends AppError {
  readonly kind = 'unsupported';
  readonly code = 'file.type_refused';
  constructor(contentType: string) {
    super(
      `Send the bytes of the file as they are, with its own Content-Type: ${contentType} is a wrapping around it.`,
      {
        contentType,
      },
    );
  }
}

export class FileContentMismatch extends AppError {
  readonly kind = 'unprocessable';
  readonly code = 'file.content_mismatch';
  constructor(contentType: string, why: string) {
    super(`The file is not the ${contentType} that it is said to be: ${why}.`, { contentType });
  }
}

export class FilesTooMany extends AppError {
  readonly kind = 'conflict';
  readonly code = 'file.too_many';
  constructor(most: number) {
    super(`You have ${most} files already that were not removed yet: they go a day after they came.`, { most });
  }
}

/** Handles that name no file of whoever gives them; wrong, another's and expired ones alike. */
export class FilesUnknown extends AppError {
  readonly kind = 'unprocessable';
  readonly code = 'input.file_unknown';
  constructor(override readonly faults: readonly Fault[]) {
    super('A field names no file that you have uploaded in the last day.');
  }
}
