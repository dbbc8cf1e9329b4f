import { AppError, RequestInvalid } from '@flow/kernel';

export class RouteNotFound extends AppError {
  readonly kind = 'not_found';
  readonly code = 'route.not_found';
  constructor() {
    super('There is nothing at this address.');
  }
}

export class MethodNotAllowed extends AppError {
  readonly kind = 'method_not_allowed';
  readonly code = 'method.not_allowed';
  constructor(readonly allowed: readonly string[]) {
    super(`This address answers ${allowed.join(', ')}.`);
  }
}

export class BodyTooLarge extends AppError {
  readonly kind = 'too_large';
  readonly code = 'body.too_large';
  constructor() {
    super('The body is larger than this server reads.');
  }
}

export class ContentTypeUnsupported extends AppError {
  readonly kind = 'unsupported';
  readonly code = 'content_type.unsupported';
  constructor(accepted: readonly string[]) {
    super(`Send the body as ${accepted.join(' or ')}, in UTF-8 and without a content encoding.`);
  }
}

/** The request is not valid HTTP, or its address is none. */
export class RequestMalformed extends AppError {
  readonly kind = 'invalid';
  readonly code = 'request.malformed';
  constructor() {
    super('The request is not valid HTTP, or its address is not a valid one.');
  }
}

/** The request began, and did not arrive within its time (408): 15 s for its head, 60 s for all of it. */
export class RequestTooSlow extends AppError {
  readonly kind = 'invalid';
  readonly code = 'request.too_slow';
  constructor() {
    super('The request did not arrive in time: its head has 15 seconds, all of it a minute.');
  }
}

export class BodyMissing extends RequestInvalid {
  constructor() {
    super([{ pointer: '', code: 'body.missing', message: 'This request needs a body.' }]);
  }
}

export class BodyUnexpected extends RequestInvalid {
  constructor() {
    super([{ pointer: '', code: 'body.unexpected', message: 'This request takes no body.' }]);
  }
}

export class ServerDraining extends AppError {
  readonly kind = 'unavailable';
  readonly code = 'server.draining';
  override readonly retryAfterMs = 1_000;
  constructor() {
    super('The server is stopping; ask again in a moment.');
  }
}

/** The process has come up so far that it waits for a store. */
export class ServerStarting extends AppError {
  readonly kind = 'unavailable';
  readonly code = 'server.starting';
  override readonly retryAfterMs = 5_000;
  constructor() {
    super('The server is starting and waits for a store; ask again in a moment.');
  }
}

/** Its time (REQUEST_TIMEOUT) was over before there was an answer: a store is slow or away. What has begun goes on. */
export class RequestTimedOut extends AppError {
  readonly kind = 'unavailable';
  readonly code = 'request.timed_out';
  override readonly retryAfterMs = 5_000;
  constructor(asked: 'reads' | 'writes' | 'writes under a key') {
    const next = {
      reads: 'Ask again in a moment.',
      writes: 'Whether it was done is not known: read what it was to change before you ask again.',
      'writes under a key':
        'Whether it was done is not known: ask again under the same Idempotency-Key, and it is done once.',
    };
    super(`There was no answer in time, since a store is slow or away. ${next[asked]}`);
  }
}

/** If-Match names a state that is no longer the current one. */
export class PreconditionFailed extends AppError {
  readonly kind = 'stale';
  readonly code = 'precondition.failed';
  constructor() {
    super('It has changed since you read it; read it again.');
  }
}

export class IfMatchInvalid extends RequestInvalid {
  constructor() {
    super([{ pointer: '', code: 'if_match.invalid', message: 'If-Match must be one strong ETag in quotes, or *.' }]);
  }
}

export class IdempotencyKeyInvalid extends RequestInvalid {
  constructor() {
    super([
      {
        pointer: '',
        code: 'idempotency.key_invalid',
        message: 'Idempotency-Key must be 1 to 255 visible ASCII characters.',
      },
    ]);
  }
}

export class IdempotencyInProgress extends AppError {
  readonly kind = 'conflict';
  readonly code = 'idempotency.in_progress';
  override readonly retryAfterMs = 1_000;
  constructor() {
    super('A request with this Idempotency-Key is still under way.');
  }
}

export class IdempotencyBodyMismatch extends AppError {
  readonly kind = 'unprocessable';
  readonly code = 'idempotency.body_mismatch';
  constructor() {
    super('This Idempotency-Key stands for a request that asked for something else; take a new key.');
  }
}

/** A fault of ours; `requestId` finds it in the log, and nothing else of it is shown. */
export class InternalError extends AppError {
  readonly kind = 'internal';
  readonly code = 'internal';
  constructor(cause: unknown) {
    super('Something went wrong on our side. The request id finds it in the log.', {}, { cause });
  }
}
