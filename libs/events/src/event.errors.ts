import { AppError } from '@flow/kernel';

/** A message that no repetition would help: it goes to the dead letters with this code and text. */
export class MessageRefused extends AppError {
  readonly kind = 'unprocessable';
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}
