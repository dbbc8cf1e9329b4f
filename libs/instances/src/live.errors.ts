import { AppError, RequestInvalid } from '@flow/kernel';

/** Last-Event-ID (or `after`) names no place in what is asked for. */
export class LastEventIdInvalid extends RequestInvalid {
  /** `why` ends a sentence. */
  constructor(given: string, why: string) {
    const message = `There is nothing to go on behind "${given.slice(0, 64)}": ${why}. Send the id of the last event that you got, or none to begin anew.`;
    super([{ pointer: '', code: 'last_event_id.invalid', message }], 'last_event_id.invalid');
  }
}

/** Every stream that this process holds open is in use. */
export class TooManyStreams extends AppError {
  readonly kind = 'unavailable';
  readonly code = 'stream.too_many';
  override readonly retryAfterMs = 5_000;
  constructor(limit: number) {
    super(`More than ${limit} streams cannot be open at once (MAX_STREAMS); try again shortly, or read a plain list.`, {
      limit,
    });
  }
}
